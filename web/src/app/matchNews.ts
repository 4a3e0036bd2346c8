import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import type { Person } from '../api'
import { isolate, useTranslation } from '../i18n'
import { listenOwn } from '../realtime/connection'
import { matches } from '../realtime/matches'
import { toast, useStore } from '../ui'
import { session } from '../voice/session'

/**
 * Keeps the matches live wherever this person walks. Gives whom to celebrate
 * now; while their microphone is open it only notes it: others are listening.
 */
export function useMatchNews(): Person | undefined {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { moment } = useStore(matches)

  useEffect(() => matches.start(), [])

  useEffect(
    () =>
      listenOwn({
        event(said) {
          if (said.type !== 'fits') return
          toast({
            text: t('match.fits'),
            action: { label: t('match.look'), run: () => void navigate({ to: '/discover' }) },
          })
        },
        missed() {},
      }),
    [t, navigate],
  )

  const room = session.get()
  const speaking = room.status === 'live' && room.mic === 'open'
  useEffect(() => {
    if (!moment || !speaking) return
    matches.celebrated()
    toast({
      text: t('match.quiet', { name: isolate(moment.name) }),
      action: {
        label: t('match.hi'),
        run: () => void navigate({ to: '/chats/$person', params: { person: moment.id } }),
      },
    })
  }, [moment, speaking, t, navigate])

  return speaking ? undefined : moment
}
