import { type CSSProperties, type KeyboardEvent, type PointerEvent, useMemo, useState } from 'react'
import { Aura } from './Aura'
import styles from './AuraRing.module.css'
import { type Somebody, seedOf } from './AuraStill'
import { artSize } from './art'
import { bars, dragged, fractionAt, middle, turnOf } from './ring'
import { shape } from './shape'

/** What the keys do, seconds. */
const steps: Record<string, number> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 5,
  PageDown: -5,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

function clock(seconds: number): string {
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

/**
 * Somebody's aura with a recording of theirs around it: a slider that stands
 * where the recording plays, and seeks. Only the ring itself takes the pointer,
 * so that what lies behind or above the middle can be pressed.
 */
export function AuraRing({
  person,
  size,
  peaks,
  duration,
  progress,
  level,
  onSeek,
  label,
}: {
  person: Somebody
  /** The box, CSS pixels: 240 to 360. */
  size: number
  /** How loud the recording is, 0..1, in equal parts from its beginning to its end: 64. */
  peaks: readonly number[]
  /** Seconds. */
  duration: number
  /** How much has played, 0..1. */
  progress: number
  /** As for Aura: 0..1, asked for with every frame. */
  level?: () => number
  /** To which moment, 0..1: at a key, or when the finger lets go. */
  onSeek(fraction: number): void
  /** What a screen reader calls the slider. */
  label: string
}) {
  const [finger, setFinger] = useState<number>()
  const at = finger ?? Math.min(1, Math.max(0, progress))
  const path = useMemo(() => bars(peaks, size), [peaks, size])
  const seed = seedOf(person)
  const made = useMemo(() => shape(person.voice, seed), [person.voice, seed])
  const hue = (made.layers[1] ?? made.layers[0])?.hue ?? 0

  const pointed = (event: PointerEvent<SVGElement>) => {
    const box = event.currentTarget.ownerSVGElement?.getBoundingClientRect()
    if (!box) return 0
    return fractionAt(
      event.clientX - box.left - box.width / 2,
      event.clientY - box.top - box.height / 2,
    )
  }
  const press = (event: PointerEvent<SVGElement>) => {
    if (event.button !== 0) return
    // A card around us may be swiped; this finger is on the ring.
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    setFinger(pointed(event))
  }
  const move = (event: PointerEvent<SVGElement>) => {
    if (finger === undefined) return
    event.stopPropagation()
    setFinger(dragged(finger, pointed(event)))
  }
  const release = (event: PointerEvent<SVGElement>) => {
    if (finger === undefined) return
    event.stopPropagation()
    setFinger(undefined)
    onSeek(finger)
  }

  const key = (event: KeyboardEvent) => {
    const step = steps[event.key]
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || duration <= 0)
      return
    event.preventDefault()
    event.stopPropagation()
    onSeek(Math.min(1, Math.max(0, at + step / duration)))
  }

  const box = `${-size / 2} ${-size / 2} ${size} ${size}`
  const style = {
    ...artSize(size),
    '--at': turnOf(at),
    '--hue-of-voice': hue.toFixed(0),
    '--bar': `${(size / 74).toFixed(1)}px`,
    '--orbit': `calc(${-middle * size}px * var(--art))`,
  } as CSSProperties

  return (
    <div className={styles.whole} style={style} data-plain={made.plain || undefined}>
      <span className={styles.aura} data-aura="">
        <Aura person={person} size={Math.round(size * 0.96)} level={level} />
      </span>
      <div
        className={styles.slider}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={Math.round(duration)}
        aria-valuenow={Math.round(at * duration)}
        aria-valuetext={clock(at * duration)}
        onKeyDown={key}
      >
        <svg className={styles.quiet} viewBox={box} aria-hidden>
          <path d={path} />
        </svg>
        <span className={styles.played}>
          <svg viewBox={box} aria-hidden>
            <path d={path} />
          </svg>
        </span>
        <span className={styles.head} data-held={finger !== undefined || undefined} />
        <svg className={styles.touch} viewBox={box} aria-hidden>
          <circle
            r={middle * size}
            strokeWidth={Math.max(44, size * 0.13)}
            onPointerDown={press}
            onPointerMove={move}
            onPointerUp={release}
            onPointerCancel={() => setFinger(undefined)}
          />
        </svg>
      </div>
    </div>
  )
}
