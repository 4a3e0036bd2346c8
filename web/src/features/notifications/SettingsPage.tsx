import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { api, type NotificationSettings, Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { hereZone } from '../../i18n/times'
import { notificationKindKeys } from '../../i18n/vocabulary.gen'
import { notificationSettings } from '../../realtime/notifications'
import { type PushState, push, turnPushOff, turnPushOn } from '../../realtime/push'
import {
  Button,
  EmptyState,
  Page,
  Quiet,
  Select,
  Skeleton,
  Switch,
  TextField,
  Trouble,
  useStore,
} from '../../ui'
import { clockOf, minutesOf } from './clock'
import styles from './Notifications.module.css'

/** The push settings of a person and of this browser. */
export function SettingsPage() {
  const { t } = useTranslation()
  const router = useRouter()
  return (
    <Page
      title={t('notifications.settings.title')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/me' })
      }
    >
      <ThisDevice />
      <Choices />
    </Page>
  )
}

function ThisDevice() {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useStore(push)
  /** Shown at once; taken back if it cannot be. */
  const [wish, setWish] = useState<boolean>()
  const [problem, setProblem] = useState<Problem>()

  async function turn(on: boolean) {
    setWish(on)
    setProblem(undefined)
    setProblem(await (on ? turnPushOn() : turnPushOff()))
    setWish(undefined)
  }

  const can: readonly PushState[] = ['off', 'on']
  return (
    <section className={styles.section} aria-labelledby="this-device">
      <h2 id="this-device">{t('notifications.device.title')}</h2>
      <div className={styles.group} aria-live="polite">
        {state === 'unknown' && <Skeleton height="3.75rem" />}
        {can.includes(state) && (
          <Switch
            label={t('notifications.device.label')}
            hint={t(state === 'on' ? 'notifications.device.on' : 'notifications.device.off')}
            on={wish ?? state === 'on'}
            busy={wish !== undefined}
            onChange={(on) => void turn(on)}
          />
        )}
        {(state === 'blocked' || state === 'home_screen' || state === 'impossible') && (
          <p className={styles.note}>{t(`notifications.device.${state}`)}</p>
        )}
      </div>
      <Trouble>{problem && say(problem)}</Trouble>
    </section>
  )
}

const key = notificationSettings.queryKey

/** The settings, shown as they are wished, and saved one after another. */
function useSettings() {
  const queries = useQueryClient()
  const [problem, setProblem] = useState<Problem>()
  const saving = useRef(Promise.resolve())
  const waiting = useRef(0)
  const query = useQuery({
    ...notificationSettings,
    staleTime: 0,
  })

  function change(part: Partial<NotificationSettings>) {
    const now = queries.getQueryData<NotificationSettings>(key)
    if (!now) return
    const { push, time_zone, quiet_from, quiet_to, daily_cap, private_content, email } = {
      ...now,
      ...part,
    }
    const body = { push, time_zone, quiet_from, quiet_to, daily_cap, private_content, email }
    queries.setQueryData(key, { ...now, ...body })
    waiting.current++
    saving.current = saving.current.then(async () => {
      try {
        await api.PUT('/api/me/notifications', { body })
        setProblem(undefined)
      } catch (thrown) {
        setProblem(Problem.of(thrown))
      }
      // What the server has is the truth; not while a later wish is under way.
      if (--waiting.current === 0) await query.refetch()
    })
  }
  return { query, problem, change }
}

function Choices() {
  const { t } = useTranslation()
  const say = useProblemText()
  const { query, problem, change } = useSettings()
  const now = query.data
  if (!now) {
    if (!query.isError) {
      return (
        <div aria-busy="true">
          <p className="only-heard">{t('notifications.loading')}</p>
          <Skeleton height="24rem" />
        </div>
      )
    }
    return (
      <EmptyState
        title={say(Problem.of(query.error))}
        art={<Quiet seed="notifications-lost" size={180} />}
        action={<Button onClick={() => void query.refetch()}>{t('common.retry')}</Button>}
      />
    )
  }
  return (
    <>
      <section className={styles.section} aria-labelledby="about-what">
        <h2 id="about-what">{t('notifications.kinds.title')}</h2>
        <ul className={styles.group}>
          {notificationKindKeys.map((kind) => (
            <li key={kind}>
              <Switch
                label={t(`notifications.kinds.${kind}.label`)}
                hint={t(`notifications.kinds.${kind}.hint`)}
                on={now.push[kind] ?? true}
                onChange={(on) => change({ push: { ...now.push, [kind]: on } })}
              />
            </li>
          ))}
        </ul>
        <p className={styles.note}>{t('notifications.kinds.all')}</p>
      </section>
      <When settings={now} change={change} />
      <section className={styles.section} aria-labelledby="by-email">
        <h2 id="by-email">{t('notifications.email.title')}</h2>
        <div className={styles.group}>
          <Switch
            label={t('notifications.email.label')}
            hint={t('notifications.email.hint')}
            on={now.email}
            onChange={(email) => change({ email })}
          />
        </div>
      </section>
      <section className={styles.section} aria-labelledby="private">
        <h2 id="private">{t('notifications.private.title')}</h2>
        <div className={styles.group}>
          <Switch
            label={t('notifications.private.label')}
            hint={t('notifications.private.hint')}
            on={now.private_content}
            onChange={(private_content) => change({ private_content })}
          />
        </div>
      </section>
      <Trouble>{problem && say(problem)}</Trouble>
    </>
  )
}

/** What the switch begins with: 10 pm to 8 am. */
const night = { quiet_from: 22 * 60, quiet_to: 8 * 60 }

const caps = [5, 10, 20, 50, 100]

function When({
  settings: now,
  change,
}: {
  settings: NotificationSettings
  change(part: Partial<NotificationSettings>): void
}) {
  const { t } = useTranslation()
  const quiet = now.quiet_from !== now.quiet_to
  const time_zone = hereZone()
  const offered = [...new Set([...caps, now.daily_cap])].sort((a, b) => a - b)
  const clock = (field: 'quiet_from' | 'quiet_to', value: string) => {
    const minutes = minutesOf(value)
    const other = field === 'quiet_from' ? now.quiet_to : now.quiet_from
    if (minutes !== undefined && minutes !== other) change({ [field]: minutes, time_zone })
  }
  return (
    <section className={styles.section} aria-labelledby="when">
      <h2 id="when">{t('notifications.when.title')}</h2>
      <div className={styles.group}>
        <Switch
          label={t('notifications.when.quiet')}
          hint={t('notifications.when.quietHint')}
          on={quiet}
          onChange={(on) => change({ ...(on ? night : { quiet_from: 0, quiet_to: 0 }), time_zone })}
        />
        {quiet && (
          <>
            <div className={styles.times}>
              {(['quiet_from', 'quiet_to'] as const).map((field) => (
                <TextField
                  key={`${field} ${now[field]}`}
                  type="time"
                  required
                  label={t(`notifications.when.${field}`)}
                  defaultValue={clockOf(now[field])}
                  onBlur={(event) => clock(field, event.target.value)}
                />
              ))}
            </div>
            <p className={styles.note}>
              {t('notifications.when.zone', { zone: now.time_zone.replaceAll('_', ' ') })}
            </p>
          </>
        )}
        <div className={styles.field}>
          <Select
            label={t('notifications.when.cap')}
            hint={t('notifications.when.capHint')}
            value={String(now.daily_cap)}
            options={offered.map((n) => ({
              value: String(n),
              label: t('notifications.when.most', { count: n }),
            }))}
            onChange={(event) => change({ daily_cap: Number(event.target.value) })}
          />
        </div>
      </div>
    </section>
  )
}
