import { useId, useMemo } from 'react'
import styles from './Aura.module.css'
import { path, shape, type VoiceMark } from './shape'

/** Whose aura: what every person in the protocol has. */
export type Somebody = { name: string; voice?: VoiceMark } & (
  | { id: string; seed?: undefined }
  // Somebody whose id is not told yet: the server has made its seed.
  | { id?: string; seed: number }
)

/** What tells one aura from another. */
export const seedOf = (person: Somebody): string | number =>
  person.seed === undefined ? person.id : person.seed

/** The first letter a person would sign with. */
export function initial(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return (first?.segment ?? '').toLocaleUpperCase()
}

const half = 50
/** A still aura never grows, so it needs less air around it. */
const box = 38

/** An aura that does not move, for lists. Decorative: a name stands near it. */
export function AuraStill({
  person,
  size,
  labelled = false,
}: {
  person: Somebody
  size: number
  /** Puts the initial inside even where a voice is known: no name stands near. */
  labelled?: boolean
}) {
  const id = useId()
  const { voice, name } = person
  const seed = seedOf(person)
  const drawing = useMemo(() => {
    const made = shape(voice, seed)
    return { made, paths: made.layers.map((layer) => path(layer, half)) }
  }, [voice, seed])
  const { made, paths } = drawing
  const [veil = 0, body = 0, heart = 0] = made.layers.map((layer) => layer.hue)
  const [lx, ly] = [made.light[0] * half, made.light[1] * half]

  const letter = made.plain ? styles.inRing : labelled ? styles.inAura : undefined
  const drawn = (
    <svg
      className={styles.still}
      width={size}
      height={size}
      viewBox={`${-box} ${-box} ${2 * box} ${2 * box}`}
      aria-hidden
    >
      {made.plain ? (
        <circle className={styles.ring} r={half * 0.58} />
      ) : (
        <>
          <defs>
            <linearGradient
              id={`${id}b`}
              gradientUnits="userSpaceOnUse"
              x1={-2 * lx}
              y1={-2 * ly}
              x2={2 * lx}
              y2={2 * ly}
            >
              <stop offset="0" stopColor={ink('rim', veil)} />
              <stop offset="0.45" stopColor={ink('body', body)} />
              <stop offset="1" stopColor={ink('body', heart)} />
            </linearGradient>
            <radialGradient
              id={`${id}v`}
              gradientUnits="userSpaceOnUse"
              cx="0"
              cy="0"
              r={half * 0.8}
            >
              <stop offset="0.55" stopColor={ink('body', veil)} stopOpacity="0.75" />
              <stop offset="1" stopColor={ink('rim', veil)} stopOpacity="0" />
            </radialGradient>
            <radialGradient
              id={`${id}h`}
              gradientUnits="userSpaceOnUse"
              cx={lx * 0.75}
              cy={ly * 0.75}
              r={half * 0.42}
            >
              <stop offset="0" stopColor={ink('core', heart)} stopOpacity="0.95" />
              <stop offset="0.4" stopColor={ink('core', heart)} stopOpacity="0.5" />
              <stop offset="1" stopColor={ink('core', heart)} stopOpacity="0" />
            </radialGradient>
          </defs>
          <path d={paths[0]} fill={`url(#${id}v)`} />
          <path d={paths[1]} fill={`url(#${id}b)`} />
          <path d={paths[1]} fill={`url(#${id}h)`} />
        </>
      )}
    </svg>
  )
  if (!letter) return drawn
  return (
    <span className={styles.aura} aria-hidden>
      {drawn}
      <span
        className={letter}
        data-initial={initial(name)}
        style={{ fontSize: Math.round(size * 0.42) }}
      />
    </span>
  )
}

function ink(part: 'core' | 'body' | 'rim', hue: number): string {
  return `oklch(var(--aura-${part}) ${hue.toFixed(0)})`
}
