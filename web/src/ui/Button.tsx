import type { LucideIcon } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import styles from './Button.module.css'
import { Icon } from './Icon'

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
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={`${buttonClass({ look, large, full })} ${className ?? ''}`}
      aria-busy={busy || undefined}
      aria-disabled={busy || rest['aria-disabled']}
      onClick={(event) => {
        if (busy) event.preventDefault()
        else onClick?.(event)
      }}
    >
      {icon && <Icon of={icon} size={20} />}
      <span>{children}</span>
    </button>
  )
}

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
      className={`${styles.icon} ${styles[look]} ${className ?? ''}`}
    >
      <Icon of={icon} />
    </button>
  )
}
