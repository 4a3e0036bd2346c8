import { useNavigate, useRouter, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from '../i18n'
import { useProblemText } from '../i18n/problem'
import { startPush } from '../realtime/push'
import { toast } from '../ui'
import { calls } from '../voice/calls'

/** Keeps the push subscription of this browser, and goes where a pressed notification leads. */
export function usePush(): void {
  const { history } = useRouter()
  useEffect(() => {
    void startPush()
    const pressed = ({ data }: MessageEvent) => {
      if (data?.type === 'open' && typeof data.url === 'string') history.push(data.url)
    }
    navigator.serviceWorker?.addEventListener('message', pressed)
    return () => navigator.serviceWorker?.removeEventListener('message', pressed)
  }, [history])
}

/** Answers the call whose notification was answered: `/call?accept=<call>`. */
export function useAccept(): void {
  const { t } = useTranslation()
  const say = useProblemText()
  const navigate = useNavigate()
  const wanted = useRouterState({
    select: ({ location }) => new URLSearchParams(location.searchStr).get('accept') ?? undefined,
  })
  useEffect(() => {
    if (wanted === undefined) return
    // Once: going back to this page must not answer again.
    void navigate({ to: '/call', replace: true })
    void accept(wanted).then((said) => said && toast({ text: said }))

    async function accept(id: string): Promise<string | undefined> {
      await calls.refresh()
      const { call } = calls.get()
      if (call?.id !== id) return t('call.late')
      if (call.state !== 'proposed' || call.accepted) return undefined // the screen shows how it is
      const problem = await calls.accept()
      return problem && say(problem)
    }
  }, [wanted, navigate, t, say])
}
