import { useEffect } from 'react'
import { me } from '../api'
import { useTranslation } from '../i18n'
import { chats } from '../realtime/chats'
import { listenOwn } from '../realtime/connection'
import { matches } from '../realtime/matches'
import { addressOf } from '../realtime/messages'
import { encodeWith, outgoing } from '../realtime/outgoing'
import { requests } from '../realtime/requests'
import { useStore } from '../ui'
import { player } from '../voice/player'
import { forgetEnded } from './endedChats'
import { stopGoneMoments } from './goneMoments'

// Rarely needed, and large.
encodeWith(async (wav) => (await import('../voice/recorder-encode')).encodeWav(wav))

/** On the icon of the installed app, where there is one. */
function badge(count: number): void {
  const set = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.()
  set?.catch(() => {
    // Not installed, or not allowed: the dot in the navigation is enough.
  })
}

/** Whoever comes next has news of their own. */
me.subscribe(() => {
  if (me.get().status === 'out') badge(0)
})

/**
 * Keeps the chats live wherever this person walks, and sends what they have written. Gives what is new
 * in them, in words; undefined if nothing is.
 */
export function useChatNews(): string | undefined {
  const { t } = useTranslation()
  const { unread } = useStore(chats)
  const { unseen } = useStore(matches)

  useEffect(() => chats.start(), [])
  useEffect(() => requests.start(), [])
  useEffect(forgetEnded, [])
  useEffect(stopGoneMoments, [])
  useEffect(
    () =>
      listenOwn({
        event(said) {
          if (said.type === 'message' && said.message.deleted) {
            player.dropOne(addressOf(said.person_id, said.message.id))
          }
          // Nobody is there any more to send anything to.
          if (said.type !== 'match_ended') return
          outgoing.forget(said.person_id)
          player.drop(said.person_id)
        },
        missed() {},
      }),
    [],
  )
  useEffect(() => badge(unread + unseen), [unread, unseen])

  const news = [
    unread > 0 && t('chats.unread', { count: unread }),
    unseen > 0 && t('chats.unseen', { count: unseen }),
  ].filter((one) => one !== false)
  return news.length > 0 ? news.join(', ') : undefined
}
