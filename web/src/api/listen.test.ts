import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { postOffer } from './listen'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('posts an offer, and returns the answer with the session', async () => {
  const headers = { Location: '/api/rooms/r/listen/s' }
  vi.stubGlobal('fetch', async () => new Response('v=0', { status: 201, headers }))
  expect(await postOffer('r', 'offer')).toEqual({ answer: 'v=0', url: '/api/rooms/r/listen/s' })
  expect(vi.getTimerCount()).toBe(0)
})

it('gives up a connection on which no answer comes', async () => {
  const tries: AbortSignal[] = []
  vi.stubGlobal(
    'fetch',
    ({ signal }: Request) =>
      new Promise((_, reject) => {
        tries.push(signal)
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  )
  const posted = postOffer('r', 'offer')
  const said = expect(posted).rejects.toMatchObject({ code: 'offline' })
  await vi.advanceTimersByTimeAsync(8000)
  await said
  expect(tries.map(({ aborted }) => aborted)).toEqual([true])
})
