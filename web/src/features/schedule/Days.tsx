import type { Event } from '../../api'
import { dayTitle, sameDay } from '../../i18n/times'
import { EventRow } from './EventRow'
import styles from './Schedule.module.css'

/** Events under the days on which they are, as clocks here show it. */
export function Days({ events, level }: { events: readonly Event[]; level: 2 | 3 }) {
  const days: Event[][] = []
  for (const event of events) {
    const last = days.at(-1)
    if (last?.[0] && sameDay(last[0].starts_at, event.starts_at)) last.push(event)
    else days.push([event])
  }
  const Heading = `h${level}` as const
  return days.map((day) => {
    const first = day[0] as Event
    const id = `day-${first.id}`
    return (
      <section key={first.id} className={styles.day} aria-labelledby={id}>
        <Heading id={id} className={styles.dayTitle}>
          {dayTitle(first.starts_at, Date.now())}
        </Heading>
        <ul className={styles.rows}>
          {day.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </ul>
      </section>
    )
  })
}
