import { Link } from '@tanstack/react-router'
import type { Card, Me } from '../../api'
import { isolate, languageName, namesAndMore, useTranslation } from '../../i18n'
import { EntryMark, RecordedMark } from '../../people'
import { AuraCluster, mood, Skeleton, useMeant } from '../../ui'
import styles from './Lobby.module.css'
import { Progress } from './Progress'
import { seconds, useWayIn } from './useWayIn'
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
  const { status, handlers, may, tap } = useWayIn(card)
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
    <li className={styles.card} {...mood(card.category)} {...handlers}>
      <Link
        to="/rooms/$room"
        params={{ room: card.id }}
        viewTransition
        className={styles.row}
        {...(may && { 'aria-description': t('lobby.preview.how', { seconds }) })}
        {...meant<HTMLAnchorElement>((_, event) => tap(event))}
      >
        <AuraCluster people={people} size={68} />
        <span className={styles.rowWords}>
          <span className={styles.rowMood}>
            {card.recorded && <RecordedMark />}
            <EntryMark entry={card} />
            <span>{t(`category.${card.category}`)}</span>
            {me.language !== card.language && <span>{` · ${languageName(card.language)}`}</span>}
            {card.club && (
              <>
                <span>{' · '}</span>
                <bdi>{card.club.name}</bdi>
              </>
            )}
            <Why card={card} me={me} />
          </span>
          <h3
            className={styles.rowTitle}
            dir="auto"
            style={{ viewTransitionName: `room-${card.id}` }}
          >
            {card.title}
          </h3>
          <span className={`${styles.rowWho} numbers`}>
            <span>{may ? `${who} · ` : who}</span>
            {may && (
              <span className="whole">{t('lobby.listening', { count: card.listeners })}</span>
            )}
          </span>
        </span>
      </Link>
      {status && <Progress status={status} />}
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
