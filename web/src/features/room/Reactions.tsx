import { type CSSProperties, useEffect, useRef, useState } from 'react'
import { roomReactionKeys } from '../../i18n/vocabulary.gen'
import { listenTalk } from '../../realtime/roomTalk'
import { useCalm } from '../../ui'
import { clap } from '../../voice/applause'
import styles from './Reactions.module.css'

const [applause] = roomReactionKeys
/** How long one is seen, floating or still. */
const SEEN_MS = 2000
/** The server tells of applause each second, as long as anybody claps. */
const APPLAUSE_MS = 1600
/** Beyond this many at once, more would show nothing more. */
const MOST = 24
/** Of one kind in one count. */
const MOST_OF_ONE = 5

interface Shown {
  key: number
  emoji: string
  /** Whose: over their seat; none: up from below. */
  person?: string
  x: number
  y: number
}

/** Where on the screen the seat of a person is, if they sit and it can be seen. */
function seatOf(person: string): { x: number; y: number } | undefined {
  const seat = document.querySelector(`[data-seat-of="${CSS.escape(person)}"]`)
  const box = seat?.getBoundingClientRect()
  if (!box || box.width === 0 || box.bottom < 0 || box.top > window.innerHeight) return undefined
  return { x: box.left + box.width / 2, y: box.top + box.height * 0.3 }
}

/** What people show without a word: over the seats, up from the audience, and applause. */
export function Reactions({ room }: { room: string }) {
  const calm = useCalm()
  const [shown, setShown] = useState<readonly Shown[]>([])
  const [clapping, setClapping] = useState(0)
  const next = useRef(0)

  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>()
    const later = (ms: number, run: () => void) => {
      const timer = setTimeout(() => {
        timers.delete(timer)
        run()
      }, ms)
      timers.add(timer)
      return timer
    }
    let over: ReturnType<typeof setTimeout> | undefined
    const show = (emoji: string, person?: string) => {
      const key = next.current++
      const from = person === undefined ? undefined : seatOf(person)
      const width = Math.min(window.innerWidth, 480)
      const one: Shown = {
        key,
        emoji,
        ...(from && person !== undefined ? { person } : {}),
        ...(from ?? {
          // Side by side, so that many at once are seen as many.
          x: (window.innerWidth - width) / 2 + width * (0.2 + 0.6 * ((key * 0.382) % 1)),
          y: window.innerHeight - 200,
        }),
      }
      setShown((all) => [...all.slice(1 - MOST), one])
      later(SEEN_MS, () => setShown((all) => all.filter((s) => s.key !== key)))
    }
    const stop = listenTalk({
      heard(event, roomId) {
        if (roomId !== room) return
        if (event.type === 'reaction') show(event.emoji, event.person_id)
        if (event.type !== 'reactions') return
        for (const { emoji, people } of event.counts) {
          if (emoji === applause) {
            setClapping(people)
            clap(people)
            clearTimeout(over)
            over = later(APPLAUSE_MS, () => setClapping(0))
          } else for (let i = 0; i < Math.min(people, MOST_OF_ONE); i++) show(emoji)
        }
      },
    })
    return () => {
      stop()
      for (const timer of timers) clearTimeout(timer)
    }
  }, [room])

  return (
    <div className={styles.reactions} aria-hidden="true" data-calm={calm || undefined}>
      {shown.map(({ key, emoji, person, x, y }) => (
        <span
          key={key}
          className={styles.one}
          data-over={person}
          style={{ left: x, top: y, '--lean': `${((key * 7) % 5) - 2}` } as CSSProperties}
        >
          {emoji}
        </span>
      ))}
      {clapping > 0 && (
        <span
          className={styles.applause}
          style={{ '--size': `${Math.min(3, 1 + Math.log10(clapping))}` } as CSSProperties}
          data-testid="applause"
        >
          <span>{applause}</span>
          {clapping > 1 && <span className="numbers">{clapping}</span>}
        </span>
      )}
    </div>
  )
}
