import { useMemo } from 'react'
import styles from './Aura.module.css'
import { artSize } from './art'
import { path, shape } from './shape'

const half = 100
const rings = [1.38, 1.14, 0.92, 0.71, 0.51, 0.32]

/**
 * Where voices could be: the outlines of an aura without its light, like the
 * last ripples of a sound. Each seed has its own. Decorative.
 */
export function Quiet({ seed, size = 200 }: { seed: string; size?: number }) {
  const lines = useMemo(() => {
    const { layers } = shape({ pitch_hz: 160, brightness: 0.5, tempo: 0.5, energy: 1 }, seed)
    const [veil, body] = layers
    if (!veil || !body) return []
    // Outer lines follow the veil, inner ones the body: they drift apart as ripples do.
    return rings.map((scale, i) => path(i < 3 ? veil : body, half * scale, 48))
  }, [seed])
  return (
    <svg
      className={styles.quiet}
      style={artSize(size)}
      viewBox={`${-half} ${-half} ${2 * half} ${2 * half}`}
      aria-hidden
    >
      {lines.map((d, i) => (
        <path key={d} d={d} opacity={0.2 + 0.14 * i} />
      ))}
      <circle r="5" />
    </svg>
  )
}
