import { Link } from '@tanstack/react-router'
import { Armchair, Headphones, Lock } from 'lucide-react'
import type { Card, Me } from '../../api'
import { isolate, namesAndMore, useTranslation } from '../../i18n'
import { allTalk, EntryMark, RecordedMark } from '../../people'
import { Aura, buttonClass, Icon, mood, Skeleton, useMeant, useStore } from '../../ui'
import { level } from '../../voice/levels'
import { occupied } from '../../voice/live'
import styles from './Hero.module.css'
import { Progress } from './Progress'
import { seconds, useWayIn } from './useWayIn'
import { Why } from './Why'
import { faces } from './words'

/**
 * How people stand in the light, for one to four: size of the box, and where
 * its middle is, from the far upper corner. The first is near, the others around.
 */
const arrangements: readonly (readonly (readonly [size: number, x: number, y: number])[])[] = [
  [[320, 128, 92]],
  [
    [276, 104, 94],
    [188, 252, 78],
  ],
  [
    [264, 100, 98],
    [172, 232, 62],
    [136, 286, 136],
  ],
  [
    [260, 98, 100],
    [168, 228, 60],
    [126, 308, 126],
    [112, 214, 148],
  ],
]

/** The one room we would send this person to, with the people who make it. */
export function Hero({
  card,
  me,
  pushed,
}: {
  card: Card
  me: Me
  /** The people above it have come, and moved it under the finger. */
  pushed: boolean
}) {
  const { t } = useTranslation()
  const meant = useMeant(`${card.id} ${pushed}`)
  const { status, handlers, may, tap } = useWayIn(card)
  const busy = useStore(occupied)
  const seats = allTalk(card)
  const people = faces(card)
  const places = arrangements[Math.min(people.length, arrangements.length) - 1] ?? []
  const names = namesAndMore(
    people.map((p) => p.name),
    3,
    (count) => t('lobby.more', { count }),
  )

  return (
    <article className={styles.hero} {...mood(card.category)} {...handlers}>
      <div className={styles.people}>
        {places.map(([size, x, y], i) => {
          const person = people[i]
          return (
            person && (
              <span
                key={person.id}
                style={{ insetInlineEnd: x - size / 2, insetBlockStart: y - size / 2 }}
              >
                <Aura
                  person={person}
                  size={size}
                  {...(status === 'playing' && { level: () => level(person.id) })}
                />
              </span>
            )
          )
        })}
      </div>
      <div className={styles.words}>
        <p className={styles.now}>
          {card.recorded && <RecordedMark />}
          <EntryMark entry={card} />
          <span>{`${t('lobby.now')} · ${t(`category.${card.category}`)}`}</span>
          <Why card={card} me={me} />
        </p>
        <h2
          id={`now-${card.id}`}
          className={styles.title}
          dir="auto"
          style={{ viewTransitionName: `room-${card.id}` }}
        >
          {card.title}
        </h2>
        <p className={`${styles.who} numbers`}>
          <span>
            {card.speakers.length > 0
              ? t('lobby.onStage', { names })
              : t('lobby.noStage', { name: isolate(card.host.name) })}
          </span>
          {may && (
            <>
              <span>{' · '}</span>
              <span className="whole">{t('lobby.listening', { count: card.listeners })}</span>
            </>
          )}
        </p>
        <Link
          to="/rooms/$room"
          params={{ room: card.id }}
          viewTransition
          className={`${buttonClass({ large: true })} ${styles.go}`}
          aria-describedby={`now-${card.id}`}
          {...meant<HTMLAnchorElement>((_, event) => tap(event))}
        >
          <Icon of={!may ? Lock : seats ? Armchair : Headphones} size={20} />
          <span>
            {t(!may ? 'room.door.enterPIN' : seats ? 'room.door.comeIn' : 'lobby.listen')}
          </span>
        </Link>
        <p className={styles.hint}>
          {!may || busy
            ? null
            : status
              ? t(`lobby.preview.${status}`)
              : t('lobby.preview.hint', { seconds })}
        </p>
      </div>
      {status && <Progress status={status} />}
    </article>
  )
}

export function HeroSkeleton() {
  return (
    <div className={`${styles.hero} ${styles.waiting}`}>
      <span className={styles.words}>
        <Skeleton width="35%" height="0.875rem" />
        <Skeleton width="90%" height="1.75rem" />
        <Skeleton width="60%" height="1rem" />
      </span>
    </div>
  )
}
