import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { type Me, type MessageEvent, me, type NotificationSettings, type OwnEvent } from '../api'
import { minuteIn } from '../i18n/times'
import { chats } from '../realtime/chats'
import { listenOwn } from '../realtime/connection'
import { notificationSettings } from '../realtime/notifications'
import { play } from '../voice/earcons'
import { interrupted, live } from '../voice/live'
import { player } from '../voice/player'
import { sounds } from '../voice/sounds'

/** A friend who sends five lines is heard once. */
const APART_MS = 3000
/** Changed on this device, settings are known at once; on another one, after so long. */
const FRESH_MS = 10 * 60_000

interface Now {
  visible: boolean
  /** The path of the page. */
  path: string
  /** Somebody talks or is heard: a call, a room, a recording, whatever plays. */
  occupied: boolean
  /** Of the chat, the last message known before. */
  lastN: number
  presence: Me['presence']
  at: number
  /** When a message was heard last. */
  heardAt: number
}

/**
 * Whether a message sounds, but for quiet hours. In the chat on screen none does: there the eye has it
 * already, and in a lively conversation each line would be a tick of a clock.
 */
export function mayBeHeard({ message, person_id }: MessageEvent, now: Now): boolean {
  const { mode, until } = now.presence
  return (
    !message.mine &&
    // An edit, a reaction and a deletion tell the message again.
    message.n > now.lastN &&
    now.visible &&
    now.path !== `/chats/${person_id}` &&
    !now.occupied &&
    !(mode === 'do_not_disturb' && (until === undefined || until > now.at)) &&
    now.at - now.heardAt >= APART_MS
  )
}

/** Whether these are quiet hours, which may go over midnight. */
export function isQuiet(
  { quiet_from, quiet_to, time_zone }: NotificationSettings,
  at: number,
): boolean {
  const minute = minuteIn(time_zone, at)
  return quiet_from <= quiet_to
    ? minute >= quiet_from && minute < quiet_to
    : minute >= quiet_from || minute < quiet_to
}

/**
 * A soft tone for a message in a chat that is not on screen. To be called before useChatNews: what the
 * list knows is then older than the event.
 */
export function useMessageSound(): void {
  const queries = useQueryClient()
  const router = useRouter()
  useEffect(() => {
    /** What was heard last, of all chats. */
    let heardAt = Number.NEGATIVE_INFINITY
    const now = (person: string): Now | undefined => {
      const who = me.get()
      if (who.status !== 'in') return undefined
      const { status } = player.get()
      return {
        visible: document.visibilityState === 'visible',
        path: router.state.location.pathname,
        occupied:
          interrupted.get() ||
          live.get().length > 0 ||
          status === 'playing' ||
          status === 'loading',
        lastN: chats.get().chats.find((chat) => chat.person.id === person)?.last?.n ?? 0,
        presence: who.me.presence,
        at: Date.now(),
        heardAt,
      }
    }
    async function hear(said: MessageEvent): Promise<void> {
      const then = sounds.get() ? now(said.person_id) : undefined
      if (!then || !mayBeHeard(said, then)) return
      let quiet = true
      try {
        const settings = await queries.fetchQuery({ ...notificationSettings, staleTime: FRESH_MS })
        quiet = isQuiet(settings, then.at)
      } catch {
        // Whether it is night for this person is not known.
      }
      // The server took a moment: meanwhile a call may have begun, or the chat been opened.
      const since = now(said.person_id)
      if (quiet || !since || !mayBeHeard(said, { ...since, lastN: then.lastN })) return
      heardAt = since.at
      play('message')
    }
    return listenOwn({
      event(said: OwnEvent) {
        if (said.type === 'message') void hear(said)
      },
      missed() {},
    })
  }, [queries, router])
}
