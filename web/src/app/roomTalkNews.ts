import { useEffect } from 'react'
import { isolate, useTranslation } from '../i18n'
import { listenTalk } from '../realtime/roomTalk'
import { announce } from '../ui'

/** Says that somebody has mentioned this person in their room, wherever in the app they are. */
export function useMentionNews(): void {
  const { t } = useTranslation()
  useEffect(
    () =>
      listenTalk({
        heard(event) {
          if (event.type !== 'message' || !event.message.mentioned) return
          const { person, text } = event.message
          announce(t('room.chat.mentioned', { name: isolate(person.name), text: isolate(text) }))
        },
      }),
    [t],
  )
}
