import { CalendarCheck, CalendarPlus } from 'lucide-react'
import type { HappyHour } from '../../api'
import { locale, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { useOfferPush } from '../../people'
import { Button, toast } from '../../ui'
import { calls } from '../../voice/calls'
import styles from './HappyHours.module.css'
import { until, useNow } from './time'

/** The next time at which many look at once: a small community meets when it agrees on an hour. */
export function HappyHours({ hours }: { hours: readonly HappyHour[] }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const offerPush = useOfferPush()
  const now = useNow(1000)
  const hour = hours.find((h) => h.ends_at > now)
  if (!hour) return null

  const clock = new Intl.DateTimeFormat(locale(), { hour: 'numeric', minute: 'numeric' })
  const day = new Intl.DateTimeFormat(locale(), { weekday: 'long' })
  const on = hour.starts_at <= now
  const far = until(hour.starts_at, now)
  return (
    <section className={styles.hour} data-on={on || undefined} aria-labelledby="happy-hour">
      <div>
        <h2 id="happy-hour">
          <bdi>{hour.title}</bdi>
        </h2>
        <p className="numbers">
          {on
            ? t('call.hours.on', { until: clock.format(hour.ends_at) })
            : t('call.hours.at', {
                day: day.format(hour.starts_at),
                // Over midnight, a range of the platform writes both dates.
                time: `${clock.format(hour.starts_at)} – ${clock.format(hour.ends_at)}`,
              })}
        </p>
        <p>{t('call.hours.coming', { count: hour.coming })}</p>
      </div>
      {!on && (
        <>
          <p className={`${styles.countdown} numbers`}>
            {far.days > 0
              ? t('call.hours.days', { days: far.days, hours: far.hours })
              : t('call.hours.minutes', { hours: far.hours, minutes: far.minutes })}
          </p>
          <Button
            icon={hour.me ? CalendarCheck : CalendarPlus}
            aria-pressed={hour.me}
            onClick={async () => {
              const problem = await calls.comeTo(hour.id, !hour.me)
              if (problem) toast({ text: say(problem) })
              else if (!hour.me) offerPush()
            }}
          >
            {t('call.hours.come')}
          </Button>
        </>
      )}
    </section>
  )
}
