import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import styles from './Button.module.css'
import { Icon } from './Icon'
import { useMeant } from './meant'

type Look = 'primary' | 'quiet' | 'plain' | 'danger'

type Common = {
  look?: Look
  large?: boolean
  full?: boolean
  icon?: LucideIcon
  children: ReactNode
}

export type ButtonProps = Common &
  Omit<ComponentProps<'button'>, 'children'> & {
    /** Under way: stays readable and focused, and cannot be pressed twice. */
    busy?: boolean
    /**
     * What it acts on. A press counts once that has been here for a moment: for buttons that appear
     * where another one was pressed. All that are dangerous do.
     */
    meant?: string | undefined
  }

/** The class of a button, for links that should look like one. */
export function buttonClass({
  look = 'quiet',
  large = false,
  full = false,
}: {
  look?: Look
  large?: boolean
  full?: boolean
}): string {
  return [styles.button, styles[look], large && styles.large, full && styles.full]
    .filter(Boolean)
    .join(' ')
}

export function Button({
  look,
  large,
  full,
  icon,
  busy = false,
  children,
  className,
  onClick,
  type = 'button',
  meant = look === 'danger' ? 'danger' : undefined,
  ...rest
}: ButtonProps) {
  const about = useMeant(meant)
  const guard =
    meant === undefined
      ? { onClick, 'aria-disabled': undefined }
      : about<HTMLButtonElement>((_, event) => onClick?.(event))
  return (
    <button
      data-primary={look === 'primary' || undefined}
      {...rest}
      {...guard}
      type={type}
      className={`${buttonClass({ look, large, full })} ${className ?? ''}`}
      aria-busy={busy || undefined}
      aria-disabled={busy || guard['aria-disabled'] || rest['aria-disabled']}
      onClick={(event) => {
        if (busy) event.preventDefault()
        else guard.onClick?.(event)
      }}
    >
      {icon && <Icon of={icon} size={20} />}
      <span>{children}</span>
    </button>
  )
}

/** The class of an icon alone, for links; they need a name. */
export const iconClass = (look: Look = 'plain'): string => `${styles.icon} ${styles[look]}`

/** An icon alone: its name is what a screen reader says and a pointer sees. */
export function IconButton({
  label,
  icon,
  look = 'plain',
  className,
  ...rest
}: { label: string; icon: LucideIcon; look?: Look } & ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={`${iconClass(look)} ${className ?? ''}`}
    >
      <Icon of={icon} />
    </button>
  )
}
