import { Link } from '@tanstack/react-router'
import { Headphones } from 'lucide-react'
import type { Card, Me } from '../../api'
import { isolate, namesAndMore, useTranslation } from '../../i18n'
import { Aura, buttonClass, Icon, mood, Skeleton, useMeant } from '../../ui'
import { entering } from '../../voice/session'
import styles from './Hero.module.css'
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
  const people = faces(card)
  const places = arrangements[Math.min(people.length, arrangements.length) - 1] ?? []
  const names = namesAndMore(
    people.map((p) => p.name),
    3,
    (count) => t('lobby.more', { count }),
  )

  return (
    <article className={styles.hero} {...mood(card.category)}>
      <div className={styles.people}>
        {places.map(([size, x, y], i) => {
          const person = people[i]
          return (
            person && (
              <span
                key={person.id}
                style={{ insetInlineEnd: x - size / 2, insetBlockStart: y - size / 2 }}
              >
                <Aura person={person} size={size} />
              </span>
            )
          )
        })}
      </div>
      <div className={styles.words}>
        <p className={styles.now}>
          <span>{`${t('lobby.now')} · ${t(`category.${card.category}`)}`}</span>
          <Why card={card} me={me} />
        </p>
        <h2
          id={`now-${card.id}`}
          className={styles.title}
          style={{ viewTransitionName: `room-${card.id}` }}
        >
          <bdi>{card.title}</bdi>
        </h2>
        <p className={`${styles.who} numbers`}>
          <span>
            {card.speakers.length > 0
              ? t('lobby.onStage', { names })
              : t('lobby.noStage', { name: isolate(card.host.name) })}
          </span>
          <span>{' · '}</span>
          <span className="whole">{t('lobby.listening', { count: card.listeners })}</span>
        </p>
        <Link
          to="/rooms/$room"
          params={{ room: card.id }}
          viewTransition
          className={`${buttonClass({ large: true })} ${styles.go}`}
          aria-describedby={`now-${card.id}`}
          {...meant<HTMLAnchorElement>((_, tap) => entering(card.id)(tap))}
        >
          <Icon of={Headphones} size={20} />
          <span>{t('lobby.listen')}</span>
        </Link>
      </div>
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
