import { useState } from 'react'
import { answer, api, type Me, type PresenceSettings, serverNow } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { clockTime, dayTitle, sameDay } from '../../i18n/times'
import { presenceModeKeys } from '../../i18n/vocabulary.gen'
import { Chips, Switch, Trouble } from '../../ui'
import styles from './Me.module.css'
import { useEdit } from './useEdit'

const ends = ['hour', 'morning', 'open'] as const
type Mode = PresenceSettings['mode']
type End = (typeof ends)[number]

const hours = 1
const hourMs = 3_600_000
const morningHour = 8

/** The end of do not disturb, unix ms; none: it has none. */
export function endOf(end: End, now: number): number | undefined {
  if (end === 'open') return undefined
  if (end === 'hour') return now + hours * hourMs
  const morning = new Date(now)
  morning.setDate(morning.getDate() + 1)
  return morning.setHours(morningHour, 0, 0, 0)
}

/** Which of the ends somebody has chosen. */
export function chosenEnd(until: number | undefined): End {
  if (until === undefined) return 'open'
  const at = new Date(until)
  return until === at.setHours(morningHour, 0, 0, 0) ? 'morning' : 'hour'
}

/** What friends see of oneself, and whether anything may ring. */
export function Presence({ me }: { me: Me }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const edit = useEdit()
  /** Shown at once; taken back if it did not arrive. */
  const [wish, setWish] = useState<PresenceSettings>()
  const { mode, until, show_rooms } = wish ?? me.presence

  async function set(next: PresenceSettings) {
    setWish(next)
    await edit.run(() => answer(api.PUT('/api/me/presence', { body: next })))
    setWish(undefined)
  }
  const ending = (at: number | undefined) => (at === undefined ? {} : { until: at })
  const time = (at: number, now: number) =>
    sameDay(at, now) ? clockTime(at) : `${dayTitle(at, now)}, ${clockTime(at)}`

  return (
    <section className={styles.section} aria-labelledby="presence">
      <h2 id="presence">{t('me.presence.title')}</h2>
      <Chips
        label={t('me.presence.label')}
        hideLabel
        chips={presenceModeKeys.map((value) => ({ value, label: t(`me.presence.${value}.name`) }))}
        value={mode}
        onChange={(value: Mode) => void set({ mode: value, show_rooms })}
      />
      <p className={styles.note}>{t(`me.presence.${mode}.hint`)}</p>
      {mode === 'do_not_disturb' && (
        <>
          <Chips
            label={t('me.presence.until.label')}
            chips={ends.map((value) => ({
              value,
              label: t(`me.presence.until.${value}`, { hours }),
            }))}
            value={chosenEnd(until)}
            onChange={(value: End) =>
              void set({ mode, show_rooms, ...ending(endOf(value, serverNow())) })
            }
          />
          {until !== undefined && (
            <p className={styles.note}>
              {t('me.presence.until.ends', { time: time(until, serverNow()) })}
            </p>
          )}
        </>
      )}
      <ul className={styles.group}>
        <li>
          <Switch
            label={t('me.presence.rooms.label')}
            hint={`${t('me.presence.rooms.hint')} ${t('me.presence.lead')}`}
            on={show_rooms}
            busy={edit.busy}
            onChange={(shown) => void set({ mode, ...ending(until), show_rooms: shown })}
          />
        </li>
      </ul>
      <Trouble>{edit.problem && say(edit.problem)}</Trouble>
    </section>
  )
}
