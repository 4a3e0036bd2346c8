import { useEffect, useRef } from 'react'
import styles from './LevelMeter.module.css'

const bars = 24

/** A microphone's level as a row of bars. Drawn outside React: it changes with every frame. */
export function LevelMeter({ level, label }: { level: () => number; label: string }) {
  const row = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const element = row.current
    if (!element) return
    let frame = 0
    let shown = -1
    let held = 0
    const draw = () => {
      const now = Math.min(1, Math.max(0, level()))
      held = now > held ? now : held + (now - held) * 0.12
      const lit = Math.round(held * bars)
      if (lit !== shown) {
        shown = lit
        ;[...element.children].forEach((bar, i) => {
          bar.toggleAttribute('data-lit', i < lit)
        })
        element.setAttribute('aria-valuenow', String(Math.round(held * 100)))
      }
      frame = requestAnimationFrame(draw)
    }
    frame = requestAnimationFrame(draw)
    return () => cancelAnimationFrame(frame)
  }, [level])

  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot be drawn as bars in every browser
    <div
      ref={row}
      className={styles.meter}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      {Array.from({ length: bars }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars never change places
        <span key={i} />
      ))}
    </div>
  )
}
