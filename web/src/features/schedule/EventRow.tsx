import { Link } from '@tanstack/react-router'
import type { Event } from '../../api'
import { isolate, language, languageName, useTranslation } from '../../i18n'
import { clockTime } from '../../i18n/times'
import { AuraStill, mood, Skeleton } from '../../ui'
import { Going } from './Going'
import styles from './Schedule.module.css'

/** One event of a day in a list: when, what, and whether one goes. */
export function EventRow({ event }: { event: Event }) {
  const { t } = useTranslation()
  const what = [
    t(`category.${event.category}`),
    ...(event.language === language() ? [] : [languageName(event.language)]),
    ...(event.weekly ? [t('event.weekly')] : []),
  ]
  const who = [
    isolate(event.host.name),
    ...(event.goers > 0 ? [t('event.goersShort', { count: event.goers })] : []),
  ]
  return (
    <li className={styles.line} {...mood(event.category)}>
      <Link to="/events/$event" params={{ event: event.id }} className={styles.row}>
        <AuraStill person={event.host} size={56} />
        <span className={styles.words}>
          <span className={`${styles.time} numbers`}>
            {event.state === 'live' ? (
              <b className={styles.live}>{t('event.live')}</b>
            ) : (
              <b>{clockTime(event.starts_at)}</b>
            )}
            <span>{what.join(' · ')}</span>
          </span>
          <h3 dir="auto">{event.title}</h3>
          <span className={`${styles.who} numbers`}>{who.join(' · ')}</span>
        </span>
      </Link>
      <Going event={event} size="icon" />
    </li>
  )
}

export function EventRows() {
  return (
    <ul className={styles.rows} aria-busy="true">
      {[0, 1, 2].map((i) => (
        <li key={i} className={styles.row}>
          <Skeleton width={56} height={56} round />
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
