import { Link } from '@tanstack/react-router'
import { Headphones } from 'lucide-react'
import type { Card, Me } from '../../api'
import { apart, nameList, useTranslation } from '../../i18n'
import { knownInterest } from '../../i18n/interests'
import { Aura, buttonClass, Icon, mood, Skeleton } from '../../ui'
import styles from './Hero.module.css'
import { faces, reason } from './words'

/** The one room we would send this person to, with the people who make it. */
export function Hero({ card, me }: { card: Card; me: Me }) {
  const { t } = useTranslation()
  const people = faces(card)
  const liked = reason(card, me)
  const why = liked && knownInterest(liked)
  const sizes = people.length > 2 ? [236, 176, 148, 124] : people.length > 1 ? [252, 196] : [280]
  const named = people.slice(0, 3).map((p) => p.name)
  const rest = people.length - named.length
  const names = nameList(
    rest > 0 ? [...named.slice(0, 2), t('lobby.more', { count: rest + 1 })] : named,
  )

  return (
    <Link
      to="/rooms/$room"
      params={{ room: card.id }}
      viewTransition
      className={styles.hero}
      {...mood(card.category)}
      aria-label={`${t('lobby.listen')}: ${card.title}`}
    >
      <span className={styles.people}>
        {people.slice(0, sizes.length).map((person, i) => (
          <Aura key={person.id} person={person} size={sizes[i] ?? 120} />
        ))}
      </span>
      <span className={styles.words}>
        <span className={styles.now}>
          {t('lobby.now')} · {t(`category.${card.category}`)}
          {why && <> · {t('lobby.why', { interest: t(why) })}</>}
        </span>
        <h2 className={styles.title} style={{ viewTransitionName: `room-${card.id}` }}>
          <bdi>{card.title}</bdi>
        </h2>
        <span className={`${styles.who} numbers`}>
          {card.speakers.length > 0
            ? t('lobby.onStage', { names })
            : t('lobby.noStage', { name: apart(card.host.name) })}
          {' · '}
          {t('lobby.listening', { count: card.listeners })}
        </span>
        <span className={`${buttonClass({ large: true })} ${styles.go}`}>
          <Icon of={Headphones} size={20} />
          {t('lobby.listen')}
        </span>
      </span>
    </Link>
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
