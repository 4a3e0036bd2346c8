import type { ReactNode } from 'react'
import type { Call } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { Button, type Parts } from '../../ui'
import type { CallAudio } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { Note } from './Note'
import styles from './Notice.module.css'
import { left, useNow } from './time'

/** What somebody should know now: one thing at a time, the gravest first. */
export function Notice({
  call,
  audio,
  onSound,
}: {
  call: Call
  audio: CallAudio
  onSound(): void
}) {
  const { t } = useTranslation()
  const name = isolate(call.person.name)
  const { connection, stuck, mic, playback, weak } = audio
  const back = (label: string) => (
    <Button look="primary" onClick={() => void calls.comeBack()}>
      {label}
    </Button>
  )

  let said: ReactNode
  let act: Parts
  let until: number | undefined
  if (connection === 'elsewhere') {
    said = t('call.notice.elsewhere')
    act = back(t('call.notice.bring'))
  } else if (connection === 'away') {
    said = t('call.notice.away', { name })
    until = call.back_by
    act = back(t('call.notice.comeBack'))
  } else if (stuck && connection !== 'connected') said = t(`sound.stuck.${stuck}`)
  else if (connection === 'reconnecting') said = t('call.notice.reconnecting')
  else if (playback === 'blocked') {
    said = t('sound.blocked')
    act = <Button onClick={() => calls.resumePlayback()}>{t('sound.turnOn')}</Button>
  } else if (mic === 'denied' || mic === 'missing') {
    said = t(`call.mic.${mic}`)
    act = <Button onClick={() => void calls.retryMic()}>{t('common.retry')}</Button>
  } else if (mic === 'taken') {
    said = t('call.mic.taken')
    act = <Button onClick={onSound}>{t('call.sound.open')}</Button>
  } else if (call.they_away) {
    said = t('call.notice.theyAway', { name })
    until = call.they_back_by
  } else if (call.they_interrupted) said = t('call.notice.theyTaken', { name })
  else if (weak) said = t(`call.notice.weak.${weak}`, { name })
  else if (call.extend_theirs && !call.extend_mine) {
    // The bar has the way to say yes, and it glows.
    said = t('call.notice.moreTheirs', { name })
  } else if (call.extend_mine) said = t('call.notice.moreMine', { name })

  // Always there, so that what appears is read out.
  return (
    <div className={styles.notices} role="status">
      {said && (
        <Note>
          <p>{said}</p>
          {until !== undefined && <Waits until={until} />}
          {act}
        </Note>
      )}
    </div>
  )
}

/** How long the call is still kept; for the eye alone, since it changes each second. */
function Waits({ until }: { until: number }) {
  const now = useNow()
  return (
    <span className={`${styles.waits} numbers`} aria-hidden>
      {left(until, now)}
    </span>
  )
}
