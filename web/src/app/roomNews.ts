import { useEffect } from 'react'
import { isolate, useTranslation } from '../i18n'
import { announce, letter, toast } from '../ui'
import { live } from '../voice/live'
import { type RoomState, session } from '../voice/session'
import { type EndedWhy, toldEnd } from '../voice/state'
import { micNews } from './micNews'

export type News =
  | { say: 'joined' | 'joinedStage'; title: string }
  | { say: 'ended'; why: EndedWhy | 'you' }
  | {
      say: 'sat' | 'stood' | 'movedBack' | 'letSit' | 'open' | 'muted' | 'reconnecting' | 'back'
    }

/** What became different between two moments of a room, as far as this person should hear of it. */
export function news(before: RoomState, now: RoomState): News[] {
  if (now.status === 'ended' && before.status === 'live') {
    return [{ say: 'ended', why: toldEnd(now) }]
  }
  if (now.status !== 'live') return []
  if (before.status !== 'live' || before.roomId !== now.roomId) {
    const say = now.you.seat === undefined ? 'joined' : 'joinedStage'
    return [{ say, title: now.room.title }]
  }

  const found: News[] = []
  const sat = before.you.seat !== undefined
  const sits = now.you.seat !== undefined
  if (before.you.can_speak && !now.you.can_speak) found.push({ say: 'movedBack' })
  else if (!before.you.can_speak && now.you.can_speak) found.push({ say: 'letSit' })
  else if (!sat && sits) found.push({ say: 'sat' })
  else if (sat && !sits) found.push({ say: 'stood' })
  else if (before.mic !== now.mic && now.mic === 'open') found.push({ say: 'open' })
  else if (before.mic === 'open' && now.mic === 'muted') found.push({ say: 'muted' })

  const lost = (state: typeof now) =>
    state.connection === 'reconnecting' || state.connection === 'lost'
  if (!lost(before) && lost(now)) found.push({ say: 'reconnecting' })
  else if (lost(before) && now.connection === 'connected') found.push({ say: 'back' })
  return found
}

/** Says the room's news wherever in the app this person is. What the host did is shown as well. */
export function useRoomNews(): void {
  const { t } = useTranslation()

  useEffect(() => {
    let before = session.get()
    return session.subscribe(() => {
      const now = session.get()
      if (before.status === 'live' && now.status === 'live') {
        for (const { say, name } of micNews(before, now))
          toast({ text: t(`mic.${say}`, { name: isolate(name) }) })
      }
      for (const item of news(before, now)) {
        const text =
          item.say === 'ended'
            ? t(`room.ended.${item.why}.title`)
            : 'title' in item
              ? t(`room.said.${item.say}`, { title: item.title })
              : t(`room.said.${item.say}`)
        if (item.say === 'movedBack' || item.say === 'letSit') toast({ text })
        else announce(text)
      }
      before = now
    })
  }, [t])
}

const writing = 'input, textarea, select, [contenteditable]'

/** M opens and closes the microphone, except where M is a letter to be written. */
export function useMicrophoneKey(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (letter(event) !== 'm' || event.repeat) return
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest(writing)) return
      for (const { mic, setMuted } of live.get()) {
        if (mic === 'open' || mic === 'muted') setMuted(mic === 'open')
      }
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
