import { useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { startPush, tellZone } from '../realtime/push'

/** Keeps the push subscription of this browser, and goes where a pressed notification leads. */
export function usePush(): void {
  const { history } = useRouter()
  useEffect(() => {
    void startPush()
    void tellZone().catch(() => undefined) // at the next start
    const pressed = ({ data }: MessageEvent) => {
      if (data?.type === 'open' && typeof data.url === 'string') history.push(data.url)
    }
    navigator.serviceWorker?.addEventListener('message', pressed)
    return () => navigator.serviceWorker?.removeEventListener('message', pressed)
  }, [history])
}
