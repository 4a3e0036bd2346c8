import styles from './Aura.module.css'
import { AuraStill, type Somebody } from './AuraStill'

/** Up to three people as one sign: the first in front. Decorative. */
export function AuraCluster({ people, size = 64 }: { people: readonly Somebody[]; size?: number }) {
  const shown = people.slice(0, 3)
  const big = shown.length > 1 ? 0.74 : 0.92
  const places = [
    {
      x: shown.length > 1 ? 0.02 : 0.04,
      y: shown.length > 2 ? 0.2 : shown.length > 1 ? 0.02 : 0.04,
    },
    { x: shown.length > 2 ? 0.5 : 0.42, y: shown.length > 2 ? 0.02 : 0.42 },
    { x: 0.46, y: 0.5 },
  ]
  const shares = [big, 0.54, 0.48]
  return (
    <span className={styles.cluster} style={{ inlineSize: size, blockSize: size }} aria-hidden>
      {shown.map((person, i) => (
        <span
          key={person.id}
          style={{
            insetInlineStart: (places[i]?.x ?? 0) * size,
            insetBlockStart: (places[i]?.y ?? 0) * size,
            zIndex: shown.length - i,
          }}
        >
          <AuraStill person={person} size={Math.round((shares[i] ?? 0.5) * size)} />
        </span>
      ))}
    </span>
  )
}
