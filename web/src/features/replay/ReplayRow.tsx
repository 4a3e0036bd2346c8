import { Link } from '@tanstack/react-router'
import type { Replay } from '../../api'
import { isolate, namesAndMore, useTranslation } from '../../i18n'
import { dayAndTime } from '../../i18n/times'
import { AuraCluster, mood, Skeleton } from '../../ui'
import styles from './Replay.module.css'
import { clock } from './words'

/** One replay of a list: when it was, what about, and who is heard. */
export function ReplayRow({ replay }: { replay: Replay }) {
  const { t } = useTranslation()
  const names = replay.speakers.map((person) => isolate(person.name))
  return (
    <li {...mood(replay.category)}>
      <Link to="/replays/$replay" params={{ replay: replay.id }} className={styles.row}>
        <AuraCluster people={replay.speakers.slice(0, 3)} size={60} />
        <span className={styles.words}>
          <span className={`${styles.when} numbers`}>
            {replay.state === 'draft' && <b>{t('replay.draft')}</b>}
            <span>{dayAndTime(replay.began_at, Date.now())}</span>
            <span>{clock(replay.ms)}</span>
          </span>
          <h2 dir="auto">{replay.title}</h2>
          <span className={styles.who}>
            {namesAndMore(names, 2, (count) => t('lobby.more', { count }))}
          </span>
        </span>
      </Link>
    </li>
  )
}

export function ReplayRows() {
  return (
    <ul className={styles.rows} aria-busy="true">
      {[0, 1, 2].map((i) => (
        <li key={i} className={styles.row}>
          <Skeleton width={60} height={60} round />
          <span className={styles.words}>
            <Skeleton width="35%" height="0.875rem" />
            <Skeleton width="70%" height="1.125rem" />
            <Skeleton width="50%" height="0.875rem" />
          </span>
        </li>
      ))}
    </ul>
  )
}
