import { Link } from '@tanstack/react-router'
import { AudioLines, CalendarPlus, ChevronRight } from 'lucide-react'
import { useId } from 'react'
import type { Event } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { dayAndTime } from '../../i18n/times'
import { AuraStill, Icon, mood } from '../../ui'
import { useEvents } from './events'
import { Going } from './Going'
import styles from './Schedule.module.css'

/** The next events in one line, and the way to all. Without an answer it is not there. */
export function Upcoming() {
  const { t } = useTranslation()
  const heading = useId()
  const { data } = useEvents({ limit: 6 })
  if (!data) return null
  const events = data.pages.flatMap((page) => page.events)
  return (
    <section className={styles.upcoming} aria-labelledby={heading}>
      <div className={styles.titled}>
        <h2 id={heading}>{t('event.strip.title')}</h2>
        <Link to="/events" search={{}} className={styles.all}>
          <span>{t('event.strip.all')}</span>
          <Icon of={ChevronRight} size={20} />
        </Link>
      </div>
      {events.length > 0 ? (
        <ul className={styles.strip}>
          {events.map((event) => (
            <Card key={event.id} event={event} />
          ))}
        </ul>
      ) : (
        <Link to="/events" search={{ plan: true }} className={styles.chip}>
          <Icon of={CalendarPlus} size={20} />
          <span>{t('event.strip.plan')}</span>
        </Link>
      )}
      <Link to="/replays" className={styles.chip}>
        <Icon of={AudioLines} size={20} />
        <span>{t('replay.title')}</span>
      </Link>
    </section>
  )
}

function Card({ event }: { event: Event }) {
  const { t } = useTranslation()
  return (
    <li className={styles.card} {...mood(event.category)}>
      <Link to="/events/$event" params={{ event: event.id }} className={styles.open}>
        <span className={`${styles.when} numbers`}>
          {event.state === 'live' ? t('event.live') : dayAndTime(event.starts_at, Date.now())}
        </span>
        <h3 dir="auto">{event.title}</h3>
        <span className={styles.host}>
          <AuraStill person={event.host} size={28} />
          <span className="cut">{isolate(event.host.name)}</span>
        </span>
      </Link>
      <Going event={event} />
    </li>
  )
}
