import type { CSSProperties } from 'react'
import styles from './Range.module.css'

/**
 * From one number to another: two thumbs on one track. Native sliders underneath, so arrow keys,
 * Home and End, and screen readers just work; a thumb stops where the other one stands.
 */
export function Range({
  label,
  names,
  least,
  most,
  from,
  to,
  text,
  onChange,
}: {
  label: string
  /** What each thumb is called. */
  names: { from: string; to: string }
  least: number
  most: number
  from: number
  to: number
  /** The choice in words. */
  text: string
  onChange(from: number, to: number): void
}) {
  const share = (n: number) => (n - least) / (most - least)
  const place = { '--from': share(from), '--to': share(to) } as CSSProperties
  const thumb = { type: 'range', min: least, max: most, step: 1 } as const
  return (
    <fieldset className={styles.range}>
      <legend className={styles.legend}>
        <span>{label}</span>
        <output className={`${styles.text} numbers`}>{text}</output>
      </legend>
      <div className={styles.track} style={place}>
        <input
          {...thumb}
          aria-label={names.from}
          value={from}
          // When both stand at the end, the lower one must be the one to be caught.
          style={{ zIndex: from > (least + most) / 2 ? 2 : 1 }}
          onChange={(event) => onChange(Math.min(Number(event.target.value), to), to)}
        />
        <input
          {...thumb}
          aria-label={names.to}
          value={to}
          onChange={(event) => onChange(from, Math.max(Number(event.target.value), from))}
        />
      </div>
    </fieldset>
  )
}
