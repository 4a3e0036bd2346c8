import { useEffect } from 'react'
import { useTranslation } from '../i18n'
import { announce, toast } from '../ui'
import { type RoomState, session } from '../voice/session'

export type News =
  | { say: 'joined'; title: string }
  | {
      say:
        | 'sat'
        | 'stood'
        | 'movedBack'
        | 'letSit'
        | 'open'
        | 'muted'
        | 'reconnecting'
        | 'back'
        | 'ended'
    }

/** What became different between two moments of a room, as far as this person should hear of it. */
export function news(before: RoomState, now: RoomState): News[] {
  if (now.status === 'ended' && before.status === 'live') return [{ say: 'ended' }]
  if (now.status !== 'live') return []
  if (before.status !== 'live' || before.roomId !== now.roomId) {
    return [{ say: 'joined', title: now.room.title }]
  }

  const found: News[] = []
  const sat = before.you.seat !== undefined
  const sits = now.you.seat !== undefined
  if (before.you.may_sit && !now.you.may_sit) found.push({ say: 'movedBack' })
  else if (!before.you.may_sit && now.you.may_sit) found.push({ say: 'letSit' })
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
      for (const item of news(before, now)) {
        const text =
          item.say === 'joined'
            ? t('room.said.joined', { title: item.title })
            : t(`room.said.${item.say}`)
        if (item.say === 'movedBack' || item.say === 'letSit') toast({ text })
        else announce(text)
      }
      before = now
    })
  }, [t])
}

/** M opens and closes the microphone, except where M is a letter to be written. */
export function useMicrophoneKey(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'm' || event.repeat) return
      if (event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, textarea, select')) return
      const now = session.get()
      if (now.status !== 'live') return
      if (now.mic === 'open') void session.setMuted(true)
      if (now.mic === 'muted') void session.setMuted(false)
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [])
}
