import { type ReactNode, useEffect, useRef } from 'react'
import { Aura } from './aura/Aura'
import type { Somebody } from './aura/AuraStill'
import styles from './Doorway.module.css'
import type { Parts } from './parts'

/** Nobody in particular: three voices that could be in the next room. */
const voices: (Somebody & { size: number; x: number; y: number })[] = [
  {
    id: 'doorway-low',
    name: '',
    voice: { pitch_hz: 108, brightness: 0.3, tempo: 0.35, energy: 0.5 },
    size: 440,
    x: 64,
    y: 40,
  },
  {
    id: 'doorway-high',
    name: '',
    voice: { pitch_hz: 225, brightness: 0.6, tempo: 0.6, energy: 0.7 },
    size: 250,
    x: 22,
    y: 62,
  },
  {
    id: 'doorway-middle',
    name: '',
    voice: { pitch_hz: 165, brightness: 0.5, tempo: 0.45, energy: 0.4 },
    size: 150,
    x: 44,
    y: 20,
  },
]

/** The step shown last: of another form, too. None: the page has just come, and reads from its top. */
let last: string | undefined

/** What stands before the rooms: voices above, words and one thing to do below, within thumb reach. */
export function Doorway({
  title,
  lead,
  aside,
  step,
  long = false,
  children,
}: {
  title: string
  lead?: ReactNode
  /** In the corner: the choice of a language. */
  aside?: Parts
  /** Names the step, so that moving on moves a reader's focus to the new heading. */
  step: string
  /** A form that needs the room more than the voices above it do. */
  long?: boolean
  children?: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    const before = last
    last = step
    // A field that asks for the focus itself has it already.
    if (before !== undefined && before !== step && document.activeElement === document.body)
      heading.current?.focus()
  }, [step])

  return (
    <main className={`${styles.doorway} ${long ? styles.long : ''}`}>
      <div className={styles.art} aria-hidden>
        {voices.map(({ size, x, y, ...person }) => (
          <span key={person.id} style={{ insetInlineStart: `${x}%`, insetBlockStart: `${y}%` }}>
            <Aura person={person} size={size} />
          </span>
        ))}
      </div>
      <div className={styles.top}>
        <p className={styles.mark}>Heyy</p>
        {aside}
      </div>
      <div className={styles.words}>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && <p className={styles.lead}>{lead}</p>}
        <div className={styles.body}>{children}</div>
      </div>
    </main>
  )
}
