import { useId } from 'react'
import styles from './LongField.module.css'

/** A text of several lines. */
export function LongField({
  label,
  hint,
  error,
  value,
  rows = 3,
  maxLength,
  onChange,
}: {
  label: string
  hint?: string
  error?: string | undefined
  value: string
  rows?: number
  maxLength: number
  onChange(value: string): void
}) {
  const id = useId()
  const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        dir="auto"
        rows={rows}
        maxLength={maxLength}
        value={value}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={about}
        onChange={(event) => onChange(event.target.value)}
      />
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
