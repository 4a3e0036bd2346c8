import { type ReactNode, useId } from 'react'
import styles from './Switch.module.css'

/** On or off, at once. */
export function Switch({
  label,
  hint,
  on,
  busy = false,
  onChange,
}: {
  label: string
  /** What it means, below the label. */
  hint?: ReactNode
  on: boolean
  busy?: boolean
  onChange(on: boolean): void
}) {
  const id = useId()
  return (
    <label className={styles.switch} aria-busy={busy || undefined}>
      <span className={styles.words}>
        <span>{label}</span>
        {hint && <small id={id}>{hint}</small>}
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={on}
        aria-label={label}
        aria-describedby={hint ? id : undefined}
        checked={on}
        onChange={(event) => {
          if (!busy) onChange(event.target.checked)
        }}
      />
      <span className={styles.track} aria-hidden />
    </label>
  )
}
