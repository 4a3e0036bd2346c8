import { ChevronDown } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './Field.module.css'
import { Icon } from './Icon'
import type { Parts } from './parts'

type Said = {
  label: string
  /** What helps before typing. */
  hint?: ReactNode
  /** What went wrong, in a sentence. Read out when it appears. */
  error?: ReactNode
}

function Around({ id, label, hint, error, children }: Said & { id: string; children: Parts }) {
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint && !error && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      <p id={`${id}-error`} className={styles.error} role="alert">
        {error}
      </p>
    </div>
  )
}

function described(id: string, { hint, error }: Pick<Said, 'hint' | 'error'>) {
  if (error) return { 'aria-invalid': true, 'aria-describedby': `${id}-error` } as const
  return hint ? { 'aria-describedby': `${id}-hint` } : {}
}

export function TextField({
  label,
  hint,
  error,
  code = false,
  ...rest
}: Said &
  ComponentProps<'input'> & { /** Digits set wide, for one-time codes. */ code?: boolean }) {
  const id = useId()
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <input
        dir="auto"
        {...rest}
        id={id}
        className={`${styles.input} ${code ? styles.code : ''}`}
        {...described(id, { hint, error })}
      />
    </Around>
  )
}

export function Select({
  label,
  hint,
  error,
  options,
  ...rest
}: Said &
  Omit<ComponentProps<'select'>, 'children'> & {
    options: readonly { value: string; label: string }[]
  }) {
  const id = useId()
  return (
    <Around id={id} label={label} hint={hint} error={error}>
      <div className={styles.select}>
        <select {...rest} id={id} className={styles.input} {...described(id, { hint, error })}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon of={ChevronDown} size={20} />
      </div>
    </Around>
  )
}
