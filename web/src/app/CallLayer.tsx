import { Link, useMatchRoute, useNavigate } from '@tanstack/react-router'
import { PhoneOff, X } from 'lucide-react'
import { useEffect } from 'react'
import type { Call } from '../api'
import { me } from '../api'
import { left, Proposal, useNow } from '../features/call'
import { isolate, useTranslation } from '../i18n'
import { moodOf } from '../people'
import { Aura, announce, Button, IconButton, toast, useStore } from '../ui'
import { together } from '../voice/call-state'
import { type CallsState, calls } from '../voice/calls'
import { level } from '../voice/levels'
import { broken } from './broken'
import { useCallAlert } from './callAlert'
import { useCallAnswer } from './callAnswer'
import { callNews } from './callNews'
import { Docked, Mute } from './Docked'
import styles from './Docked.module.css'
import { micNews } from './micNews'

/** Call, wherever in the app this person is: the question, and what is read out. */
export function CallLayer() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const who = useStore(me)
  const { call } = useStore(calls)
  useCallAlert()
  useCallAnswer()

  useEffect(() => {
    let before: CallsState = calls.get()
    return calls.subscribe(() => {
      const now = calls.get()
      if (before.call?.id === now.call?.id) {
        for (const { say, name } of micNews(before.audio, now.audio)) {
          toast({ text: t(`mic.${say}`, { name: isolate(name) }) })
        }
      }
      // Who offered a call from a room stays there until the yes; then the call is what is to be seen.
      const { call } = now
      if (call?.mine && before.call?.id === call.id && before.call.state === 'proposed') {
        if (together(call)) void navigate({ to: '/call', viewTransition: true })
      }
      for (const item of callNews(before, now)) {
        announce(
          'name' in item
            ? t(`call.said.${item.say}`, { name: isolate(item.name) })
            : t(`call.said.${item.say}`),
        )
      }
      before = now
    })
  }, [t, navigate])

  if (who.status !== 'in' || call?.state !== 'proposed' || call.accepted) return null
  return (
    <Proposal
      key={call.id}
      me={who.me}
      call={call}
      onYes={() => void navigate({ to: '/call', viewTransition: true })}
    />
  )
}

/** What goes on in Call while its person walks around. */
export function CallBar() {
  const { t } = useTranslation()
  const matchRoute = useMatchRoute()
  const { call, queue, audio } = useStore(calls)
  const fell = useStore(broken)
  if (matchRoute({ to: '/call' }) && !fell) return null
  if (call && call.state !== 'ended') {
    if (call.state === 'proposed' && !call.accepted) return null
    return (
      <InCall call={call} away={audio.connection === 'away' || audio.connection === 'elsewhere'} />
    )
  }
  if (!queue?.waiting) return null
  return (
    <Docked what="call-bar" label={t('call.bar.label')}>
      <Link to="/call" viewTransition className={styles.way}>
        <span className={styles.words}>
          <span className={`${styles.name} cut`}>{t('call.search.title')}</span>
          <span className={`${styles.state} cut`}>
            {t('call.search.looking', { count: Math.max(1, queue.looking) })}
          </span>
        </span>
      </Link>
      <IconButton label={t('call.search.cancel')} icon={X} onClick={() => void calls.cancel()} />
    </Docked>
  )
}

function InCall({ call, away }: { call: Call; away: boolean }) {
  const { t } = useTranslation()
  const { audio } = useStore(calls)
  const now = useNow()
  const name = isolate(call.person.name)
  return (
    <Docked what="call-bar" label={t('call.bar.label')} mood={moodOf(call.person)}>
      <Link to="/call" viewTransition className={styles.way}>
        <Aura person={call.person} size={60} level={() => level(call.id)} />
        <span className={styles.words}>
          <span className="only-heard">{`${t('call.bar.back', { name })}, `}</span>
          <bdi className={`${styles.name} cut`} aria-hidden>
            {call.person.name}
          </bdi>
          <span className={`${styles.state} cut numbers`}>
            {call.state === 'live' && call.deadline_at !== undefined
              ? left(call.deadline_at, now)
              : t(call.mine && call.state === 'proposed' ? 'call.bar.ringing' : 'call.bar.opening')}
          </span>
        </span>
      </Link>
      {away ? (
        <Button look="primary" onClick={() => void calls.comeBack()}>
          {t('call.notice.comeBack')}
        </Button>
      ) : (
        <Mute mic={audio.mic} onMuted={(muted) => void calls.setMuted(muted)} />
      )}
      <IconButton label={t('call.live.leave')} icon={PhoneOff} onClick={() => void calls.leave()} />
    </Docked>
  )
}
