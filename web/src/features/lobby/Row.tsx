import { Link } from '@tanstack/react-router'
import type { Card, Me } from '../../api'
import { isolate, languageName, namesAndMore, useTranslation } from '../../i18n'
import { AuraCluster, mood, Skeleton, useMeant } from '../../ui'
import { entering } from '../../voice/session'
import styles from './Lobby.module.css'
import { Why } from './Why'
import { faces } from './words'

/** One room in the list: who is on stage, what it is about, how many listen. */
export function Row({
  card,
  me,
  place,
  pushed,
}: {
  card: Card
  me: Me
  place: number
  /** As for Hero. */
  pushed: boolean
}) {
  const { t } = useTranslation()
  // A room that opens above pushes the others down, under the finger.
  const meant = useMeant(`${card.id} ${place} ${pushed}`)
  const people = faces(card)
  const who =
    card.speakers.length > 0
      ? namesAndMore(
          people.map((p) => p.name),
          2,
          (count) => t('lobby.more', { count }),
        )
      : t('lobby.noStage', { name: isolate(card.host.name) })

  return (
    <li {...mood(card.category)}>
      <Link
        to="/rooms/$room"
        params={{ room: card.id }}
        viewTransition
        className={styles.row}
        {...meant<HTMLAnchorElement>((_, tap) => entering(card.id)(tap))}
      >
        <AuraCluster people={people} size={68} />
        <span className={styles.rowWords}>
          <span className={styles.rowMood}>
            <span>{t(`category.${card.category}`)}</span>
            {me.language !== card.language && <span>{` · ${languageName(card.language)}`}</span>}
            <Why card={card} me={me} />
          </span>
          <h3 className={styles.rowTitle} style={{ viewTransitionName: `room-${card.id}` }}>
            <bdi>{card.title}</bdi>
          </h3>
          <span className={`${styles.rowWho} numbers`}>
            <span>{`${who} · `}</span>
            <span className="whole">{t('lobby.listening', { count: card.listeners })}</span>
          </span>
        </span>
      </Link>
    </li>
  )
}

export function RowSkeleton() {
  return (
    <li className={styles.row}>
      <Skeleton width={60} height={60} round />
      <span className={styles.rowWords}>
        <Skeleton width="30%" height="0.75rem" />
        <Skeleton width="85%" height="1.125rem" />
        <Skeleton width="55%" height="0.875rem" />
      </span>
    </li>
  )
}
