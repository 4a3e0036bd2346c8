import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { keptTonight } from '../features/call'
import { useTranslation } from '../i18n'
import { micWasChecked } from '../people'
import { toast, useStore } from '../ui'
import { calls } from '../voice/calls'
import { play } from '../voice/earcons'
import { session } from '../voice/session'

/** After this, whoever looked is most likely gone. */
const FRESH_MS = 2 * 60_000

/** Which of the two sentences is true of an alert that rang at a moment. */
export const alertNews = (alertedAt: number, now: number): 'now' | 'before' =>
  now - alertedAt < FRESH_MS ? 'now' : 'before'

/**
 * Says once, wherever this person walks, that somebody who fits looks for a call. The server keeps
 * it until it was seen here: what rang while nobody looked is said when they come back.
 */
export function useCallAlert(): void {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { call, queue } = useStore(calls)
  const busy = queue?.waiting || (call !== undefined && call.state !== 'ended')
  const rang = busy ? undefined : queue?.alerted_at

  useEffect(() => {
    if (rang === undefined) return
    let told = false
    const tell = () => {
      if (told || document.visibilityState !== 'visible') return
      told = true
      const room = session.get()
      const seated = room.status === 'live' && room.you.seat !== undefined
      if (!seated) play('proposal') // on a stage, others would hear it
      toast({
        text: t(`call.rang.${alertNews(rang, calls.clock.now())}`),
        action: {
          label: t('call.idle.go'),
          run() {
            void navigate({ to: '/call' })
            // What is missing yet, the page asks for.
            if (micWasChecked() && !seated) void calls.enter(keptTonight())
          },
        },
      })
      void calls.setAlert(false)
    }
    tell()
    document.addEventListener('visibilitychange', tell)
    return () => document.removeEventListener('visibilitychange', tell)
  }, [rang, t, navigate])
}
