import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { toast } from '../ui'
import { calls } from '../voice/calls'
import { takeAnswer } from '../worker/answer'

/** Answers the call whose notification was answered, in a page that was there or that it opened. */
export function useCallAnswer(): void {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  useEffect(() => {
    async function answer() {
      const id = await takeAnswer()
      if (id === undefined) return
      void navigate({ to: '/call' })
      await calls.refresh()
      const { call } = calls.get()
      if (call?.id !== id) return toast({ text: t('call.late') })
      if (call.state !== 'proposed' || call.accepted) return // the screen shows how it is
      const problem = await calls.accept()
      if (problem) toast({ text: say(problem) })
    }
    void answer()
    const pressed = ({ data }: MessageEvent) => {
      if (data?.type === 'open') void answer()
    }
    navigator.serviceWorker?.addEventListener('message', pressed)
    return () => navigator.serviceWorker?.removeEventListener('message', pressed)
  }, [navigate, t, say])
}
