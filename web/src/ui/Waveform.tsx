import { useEffect, useRef } from 'react'
import styles from './Waveform.module.css'

/** A recording's levels, 0..1, as bars; those already heard are lit. Decorative: say what it is nearby. */
export function Waveform({
  levels,
  progress,
}: {
  levels: readonly number[]
  /** 0..1, asked for with every frame while it is given. */
  progress?: () => number
}) {
  const lit = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = lit.current
    if (!element || !progress) return
    let frame = 0
    const draw = () => {
      element.style.setProperty('--heard', `${(progress() * 100).toFixed(2)}%`)
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [progress])

  const bars = levels.map((level, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
    <span key={i} style={{ blockSize: `${Math.round(8 + level * 92)}%` }} />
  ))
  return (
    <div className={styles.wave} aria-hidden>
      <div className={styles.bars}>{bars}</div>
      <div ref={lit} className={`${styles.bars} ${styles.lit}`}>
        {bars}
      </div>
    </div>
  )
}

const SHOWN = 48

/** What is being said, as it grows: the newest at the end. Drawn outside React. */
export function LiveWaveform({ bars }: { bars: () => readonly number[] }) {
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = row.current
    if (!element) return
    let frame = 0
    let drawn = -1
    const draw = () => {
      const all = bars()
      if (all.length !== drawn) {
        drawn = all.length
        ;[...element.children].forEach((bar, i) => {
          const level = all[drawn < SHOWN ? i : drawn - SHOWN + i]
          const style = (bar as HTMLElement).style
          style.blockSize = level === undefined ? '6px' : `${Math.round(10 + level * 90)}%`
          bar.toggleAttribute('data-said', level !== undefined)
        })
      }
      frame = requestAnimationFrame(draw)
    }
    draw()
    return () => cancelAnimationFrame(frame)
  }, [bars])

  return (
    <div ref={row} className={`${styles.bars} ${styles.live}`} aria-hidden>
      {Array.from({ length: SHOWN }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
        <span key={i} />
      ))}
    </div>
  )
}
