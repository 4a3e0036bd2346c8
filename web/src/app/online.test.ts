import { onlineManager, QueryClient, QueryObserver } from '@tanstack/react-query'
import { afterEach, expect, it, vi } from 'vitest'
import { startOnline } from './online'

afterEach(() => {
  vi.restoreAllMocks()
  onlineManager.setOnline(true)
})

it('repeats what failed on a page that was loaded without network, once it is there', async () => {
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false)
  startOnline()
  const client = new QueryClient()
  client.mount()
  const read = vi.fn(async () => {
    if (!navigator.onLine) throw new Error('offline')
    return 'found'
  })
  // As the search of messages asks.
  const observer = new QueryObserver(client, {
    queryKey: ['search'],
    queryFn: read,
    retry: false,
    networkMode: 'always',
    refetchOnReconnect: true,
  })
  const stop = observer.subscribe(() => {})
  await vi.waitFor(() => expect(observer.getCurrentResult().status).toBe('error'))
  vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true)
  window.dispatchEvent(new Event('online'))
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe('found'))
  stop()
  client.unmount()
})
