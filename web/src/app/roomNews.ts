import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { Member } from '../api'
import { isolate, useTranslation } from '../i18n'
import { useMuting } from '../people'
import { forgetDraft } from '../realtime/roomChat'
import { announce, letter, toast } from '../ui'
import { withdraw } from '../ui/Toast'
import { live } from '../voice/live'
import { holdToTalk, talkersHere } from '../voice/pushToTalk'
import { type RoomState, session, useSession } from '../voice/session'
import { sayRecorded } from '../voice/spokenNotice'
import { type EndedWhy, toldEnd } from '../voice/state'
import { keepAwake } from '../voice/wakeLock'
import { micNews } from './micNews'

/** What a host has done to this person: it is shown, too. */
const byHost = [
  'movedBack',
  'letSit',
  'mutedByHost',
  'mayUnmute',
  'madeHost',
  'madeCoHost',
  'unmadeCoHost',
] as const
type ByHost = (typeof byHost)[number]

export type News =
  | { say: 'joined' | 'joinedStage'; title: string }
  | { say: 'ended'; why: EndedWhy | 'you' }
  | {
      say: 'sat' | 'stood' | 'open' | 'muted' | 'reconnecting' | 'back'
    }
  | { say: ByHost }
  /** A host asks this person to speak. */
  | { say: 'invited' }
  /** Anybody with the link can listen now, or no longer. */
  | { say: 'shared'; how: 'on' | 'off' }

/** What became different between two moments of a room, as far as this person should hear of it. */
export function news(before: RoomState, now: RoomState): News[] {
  if (now.status === 'ended' && before.status === 'live') {
    return [{ say: 'ended', why: toldEnd(now) }]
  }
  if (now.status !== 'live') return []
  if (before.status !== 'live' || before.roomId !== now.roomId) {
    const say = now.you.seat === undefined ? 'joined' : 'joinedStage'
    const joined: News = { say, title: now.room.title }
    return now.room.invited ? [joined, { say: 'invited' }] : [joined]
  }

  const found: News[] = []
  const sat = before.you.seat !== undefined
  const sits = now.you.seat !== undefined
  const done = doneByHost(before.you, now.you)
  if (!sat && sits) found.push({ say: 'sat' })
  else if (done) found.push({ say: done })
  else if (sat && !sits) found.push({ say: 'stood' })
  else if (before.mic !== now.mic && now.mic === 'open') found.push({ say: 'open' })
  else if (before.mic === 'open' && now.mic === 'muted') found.push({ say: 'muted' })

  if (now.room.invited && !before.room.invited) found.push({ say: 'invited' })

  const shared = now.room.shared === true
  if (shared !== (before.room.shared === true)) {
    found.push({ say: 'shared', how: shared ? 'on' : 'off' })
  }

  const lost = (state: typeof now) =>
    state.connection === 'reconnecting' || state.connection === 'lost'
  if (!lost(before) && lost(now)) found.push({ say: 'reconnecting' })
  else if (lost(before) && now.connection === 'connected') found.push({ say: 'back' })
  return found
}

function doneByHost(before: Member, now: Member): ByHost | undefined {
  if (now.role === 'host' && before.role !== 'host') return 'madeHost'
  if (now.role === 'co_host' && before.role !== 'co_host' && before.role !== 'host') {
    return 'madeCoHost'
  }
  if (before.role === 'co_host' && now.role !== 'co_host') return 'unmadeCoHost'
  if (before.can_speak && !now.can_speak) return 'movedBack'
  if (!before.can_speak && now.can_speak) return 'letSit'
  if (!before.muted_by_host && now.muted_by_host) return 'mutedByHost'
  return before.muted_by_host && !now.muted_by_host ? 'mayUnmute' : undefined
}

/** The room that this person has left, or was left without, between two moments. */
export function left(before: RoomState, now: RoomState): string | undefined {
  if (before.status !== 'live') return undefined
  const stays = now.status !== 'none' && now.status !== 'ended' && now.roomId === before.roomId
  // It can be brought back here.
  const elsewhere = now.status === 'ended' && now.why === 'elsewhere'
  return stays || elsewhere ? undefined : before.roomId
}

const invited = (state: RoomState) => state.status === 'live' && state.room.invited === true

/**
 * Says the room's news wherever in the app this person is. What the host did is shown as well; `here`:
 * on the room's own page, where an invitation stands already.
 */
export function useRoomNews(here: boolean): void {
  const { t, i18n } = useTranslation()
  const navigate = useNavigate()
  const there = useRef(here)
  there.current = here

  useEffect(() => {
    let before = session.get()
    const answer = {
      label: t('room.invite.answer'),
      run() {
        const now = session.get()
        if (now.status !== 'live') return
        void navigate({ to: '/rooms/$room', params: { room: now.roomId }, viewTransition: true })
      },
    }
    return session.subscribe(() => {
      const now = session.get()
      const gone = left(before, now)
      if (gone) forgetDraft(gone)
      if (invited(before) && !invited(now)) withdraw(answer)
      if (before.status === 'live' && now.status === 'live') {
        for (const { say, name } of micNews(before, now))
          toast({ text: t(`mic.${say}`, { name: isolate(name) }) })
      }
      for (const item of news(before, now)) {
        if (item.say === 'invited') {
          if (!there.current) toast({ text: t('room.invite.title'), action: answer })
          continue
        }
        const text =
          item.say === 'ended'
            ? t(`room.ended.${item.why}.title`)
            : 'title' in item
              ? t(`room.said.${item.say}`, { title: item.title })
              : item.say === 'shared'
                ? t(`room.shared.said.${item.how}`)
                : t(`room.said.${item.say}`)
        // Also to the eye: a badge stands in the room.
        if ('title' in item && now.status === 'live' && now.room.recorded) {
          void sayRecorded(i18n.language).catch(() => undefined)
          announce(`${text} ${t('room.recorded.title')}`)
          continue
        }
        if (item.say === 'shared' || byHost.some((say) => say === item.say)) toast({ text })
        else announce(text)
      }
      before = now
    })
  }, [t, i18n, navigate])
}

const writing = 'input, textarea, select, [contenteditable]'

/** M opens and closes the microphone, except where M is a letter to be written. */
export function useMicrophoneKey(): void {
  const muting = useMuting()
  const mute = useRef(muting)
  mute.current = muting
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (letter(event) !== 'm' || event.repeat) return
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest(writing)) return
      for (const { kind, mic, setMuted } of live.get()) {
        if (mic !== 'open' && mic !== 'muted') continue
        if (kind === 'room') mute.current(mic === 'open')
        else setMuted(mic === 'open')
      }
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}

/** The key that somebody has chosen opens the microphone while it is held. */
export function useHoldToTalk(): void {
  const { t } = useTranslation()
  useEffect(
    () =>
      holdToTalk({
        talkers: talkersHere,
        refused: () => toast({ text: t('sound.holdSlowly') }),
      }),
    [t],
  )
}

/** Whoever is on stage has the screen on, on whatever page they are. */
export function useKeepAwake(): void {
  const room = useSession()
  const onStage = room.status === 'live' && room.you.seat !== undefined
  useEffect(() => (onStage ? keepAwake() : undefined), [onStage])
}
