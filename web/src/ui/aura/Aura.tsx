import { useEffect, useMemo, useRef } from 'react'
import styles from './Aura.module.css'
import { initial, type Somebody, seedOf } from './AuraStill'
import { artLength, artSize } from './art'
import { sit } from './painter'
import { shape } from './shape'

/** Sharper than this costs more than it shows. */
const densest = 2

/**
 * A person's living mark. It moves only by the given level, 0..1, asked for
 * with every frame; without one it is still. Decorative: say the name nearby.
 */
export function Aura({
  person,
  size,
  level,
  labelled = false,
}: {
  person: Somebody
  /** The box, CSS pixels; the shape at rest fills about two thirds of it. */
  size: number
  level?: () => number
  /** Puts the initial inside: no name stands near. */
  labelled?: boolean
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { voice } = person
  const seed = seedOf(person)
  const made = useMemo(() => shape(voice, seed), [voice, seed])
  const pixels = Math.round(size * Math.min(densest, globalThis.devicePixelRatio || 1))

  // Asked for with every frame: a new function must not make the aura anew.
  const ask = useRef(level)
  useEffect(() => {
    ask.current = level
  }, [level])

  const moves = level !== undefined
  useEffect(() => {
    if (!canvas.current) return
    return sit({
      canvas: canvas.current,
      shape: made,
      size: pixels,
      level: moves ? () => ask.current?.() ?? 0 : undefined,
    })
  }, [made, pixels, moves])

  return (
    <span className={styles.aura} style={artSize(size)} data-aura="" aria-hidden>
      <canvas ref={canvas} width={pixels} height={pixels} />
      {(made.plain || labelled) && (
        <span
          className={made.plain ? styles.inRing : styles.inAura}
          data-initial={initial(person.name)}
          style={{ fontSize: artLength(size, 0.26) }}
        />
      )}
    </span>
  )
}
