import type { CSSProperties } from 'react'
import styles from './Range.module.css'

/** One number out of a range: a native slider, so arrow keys, Home and End, and screen readers just work. */
export function Slider({
  label,
  least = 0,
  most,
  step,
  value,
  text,
  onChange,
}: {
  label: string
  least?: number
  most: number
  step: number
  value: number
  /** The value in words. */
  text: string
  onChange(value: number): void
}) {
  const place = { '--from': 0, '--to': (value - least) / (most - least) } as CSSProperties
  return (
    <label className={styles.range}>
      <span className={styles.legend}>
        <span>{label}</span>
        <span className={`${styles.text} numbers`} aria-hidden>
          {text}
        </span>
      </span>
      <span className={styles.track} style={place}>
        <input
          type="range"
          className={styles.single}
          aria-label={label}
          aria-valuetext={text}
          min={least}
          max={most}
          step={step}
          value={value}
          onChange={(event) => onChange(Number(event.target.value))}
        />
      </span>
    </label>
  )
}
