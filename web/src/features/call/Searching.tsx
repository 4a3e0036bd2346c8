import { useEffect, useRef } from 'react'
import type { Me, QueueStatus } from '../../api'
import { useTranslation } from '../../i18n'
import { moodOf } from '../../people'
import { Aura, Button, useDesk } from '../../ui'
import { calls } from '../../voice/calls'
import { AlertButton } from './Idle'
import { Rings } from './Rings'
import styles from './Searching.module.css'
import { gone, left, useNow } from './time'
import { useEar } from './useEar'

/** Waiting: one's own voice goes out as rings, and an honest word on how long it may take. */
export function Searching({ me, queue }: { me: Me; queue: QueueStatus }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const now = useNow(1000)
  const ear = useEar(me.id, true)
  const heading = useRef<HTMLHeadingElement>(null)
  const size = desk ? 400 : 420
  const { estimate_ms, suspended_until = 0 } = queue

  // The button that was pressed is gone: its place in the page is taken by this.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [])

  return (
    <div className={styles.search} {...moodOf(me)}>
      <div className={styles.out}>
        <Rings level={ear} size={size} />
        <Aura person={me} size={Math.round(size * 0.46)} level={ear} />
      </div>
      <div className={styles.words}>
        <h1 ref={heading} tabIndex={-1}>
          {t('call.search.title')}
        </h1>
        <p>{t('call.search.looking', { count: Math.max(1, queue.looking) })}</p>
        <p className={styles.quiet}>
          {estimate_ms === undefined
            ? t('call.search.unknown')
            : t('call.search.estimate', { minutes: Math.round(estimate_ms / 60_000) })}
        </p>
        {queue.since !== undefined && (
          <p className={`${styles.quiet} numbers`}>
            {t('call.search.waited', { time: gone(queue.since, now) })}
          </p>
        )}
        {suspended_until > now && (
          <p className={`${styles.quiet} numbers`}>
            {t('call.search.rest', { time: left(suspended_until, now) })}
          </p>
        )}
        <p className={styles.quiet}>{t('call.search.walk')}</p>
      </div>
      <div className={styles.ways}>
        <AlertButton queue={queue} />
        <Button large data-primary="" onClick={() => void calls.cancel()}>
          {t('call.search.cancel')}
        </Button>
      </div>
    </div>
  )
}
