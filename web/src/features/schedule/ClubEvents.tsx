import { Link } from '@tanstack/react-router'
import { CalendarPlus } from 'lucide-react'
import type { Event } from '../../api'
import { useTranslation } from '../../i18n'
import { buttonClass, Icon, More } from '../../ui'
import { Days } from './Days'
import { useEvents } from './events'
import styles from './Schedule.module.css'

/** The calendar of a club. Members plan in it. */
export function ClubEvents({ club, member }: { club: string; member: boolean }) {
  const { t } = useTranslation()
  const list = useEvents({ club })
  const events: Event[] | undefined = list.data?.pages.flatMap((page) => page.events)
  if (!events || (events.length === 0 && !member)) return null
  return (
    <section className={styles.section} aria-labelledby="club-events">
      <div className={styles.titled}>
        <h2 id="club-events">{t('event.club.title')}</h2>
        {member && (
          <Link
            to="/events"
            search={{ plan: true, club }}
            className={buttonClass({ look: 'plain' })}
          >
            <Icon of={CalendarPlus} size={20} />
            <span>{t('event.club.plan')}</span>
          </Link>
        )}
      </div>
      {events.length > 0 ? (
        <Days events={events} level={3} />
      ) : (
        <p className={styles.hint}>{t('event.club.none')}</p>
      )}
      <More of={list} />
    </section>
  )
}
