import { useId, useMemo } from 'react'
import styles from './Aura.module.css'
import { path, shape, type VoiceMark } from './shape'

/** Whose aura: what every person in the protocol has. */
export type Somebody = { id: string; name: string; voice?: VoiceMark }

/** The first letter a person would sign with. */
export function initial(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim())
  return (first?.segment ?? '').toLocaleUpperCase()
}

const half = 50

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
  const { id: seed, voice, name } = person
  const drawing = useMemo(() => {
    const made = shape(voice, seed)
    return { made, paths: made.layers.map((layer) => path(layer, half)) }
  }, [voice, seed])
  const { made, paths } = drawing

  return (
    <svg
      className={styles.still}
      width={size}
      height={size}
      viewBox={`${-half} ${-half} ${2 * half} ${2 * half}`}
      aria-hidden
    >
      {made.plain ? (
        <circle className={styles.ring} r={half * 0.66} />
      ) : (
        <>
          <defs>
            {made.layers.map((layer, i) => (
              <radialGradient
                // biome-ignore lint/suspicious/noArrayIndexKey: layers never change places
                key={i}
                id={`${id}${i}`}
                cx={half * made.light[0]}
                cy={half * made.light[1]}
                r={half * layer.radius * 1.25}
                gradientUnits="userSpaceOnUse"
              >
                <stop offset="0" style={{ stopColor: ink('core', layer.hue), stopOpacity: 0.95 }} />
                <stop
                  offset="0.55"
                  style={{ stopColor: ink('body', layer.hue), stopOpacity: 0.8 }}
                />
                <stop
                  offset="1"
                  style={{ stopColor: ink('rim', layer.hue), stopOpacity: 0.35 + 0.4 * made.edge }}
                />
              </radialGradient>
            ))}
          </defs>
          {paths.map((d, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: layers never change places
            <path key={i} d={d} fill={`url(#${id}${i})`} opacity={[0.55, 0.7, 0.8][i]} />
          ))}
        </>
      )}
      {(made.plain || labelled) && (
        <text className={made.plain ? styles.letter : styles.letterOnLight}>{initial(name)}</text>
      )}
    </svg>
  )
}

function ink(part: 'core' | 'body' | 'rim', hue: number): string {
  return `oklch(var(--aura-${part}) ${hue.toFixed(0)})`
}
