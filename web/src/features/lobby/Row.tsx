import { Link } from '@tanstack/react-router'
import type { Card, Me } from '../../api'
import { apart, languageName, nameList, useTranslation } from '../../i18n'
import { AuraCluster, mood, Skeleton } from '../../ui'
import styles from './Lobby.module.css'
import { Why } from './Why'
import { faces } from './words'

/** One room in the list: who is on stage, what it is about, how many listen. */
export function Row({ card, me }: { card: Card; me: Me }) {
  const { t } = useTranslation()
  const people = faces(card)
  const named = people.slice(0, 2).map((p) => p.name)
  const rest = people.length - named.length
  const who =
    card.speakers.length > 0
      ? nameList(rest > 0 ? [...named, t('lobby.more', { count: rest })] : named)
      : t('lobby.noStage', { name: apart(card.host.name) })

  return (
    <li {...mood(card.category)}>
      <Link to="/rooms/$room" params={{ room: card.id }} viewTransition className={styles.row}>
        <AuraCluster people={people} size={68} />
        <span className={styles.rowWords}>
          <span className={styles.rowMood}>
            {t(`category.${card.category}`)}
            {me.language !== card.language && <> · {languageName(card.language)}</>}
            <Why card={card} me={me} />
          </span>
          <h3 className={styles.rowTitle} style={{ viewTransitionName: `room-${card.id}` }}>
            <bdi>{card.title}</bdi>
          </h3>
          <span className={`${styles.rowWho} numbers`}>
            {who} · <span className="whole">{t('lobby.listening', { count: card.listeners })}</span>
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
