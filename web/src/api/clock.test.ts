import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { courier } from './client'
import { forgetClock, serverNow } from './clock'

const day = 86_400_000
const truth = Date.UTC(2026, 2, 6, 12)

beforeEach(() => {
  vi.useFakeTimers({ now: truth })
  forgetClock()
})
afterEach(() => {
  vi.useRealTimers()
  forgetClock()
})

/** An answer that the server gave at this time. */
async function answered(at: number | undefined) {
  const headers: HeadersInit = at === undefined ? {} : { Date: new Date(at).toUTCString() }
  await courier({
    fetch: async () => new Response('{}', { headers }),
    sleep: async () => {},
    key: () => 'key',
  })(new Request('http://localhost/api/me'))
}

it('is the clock here while the server has not told its own', async () => {
  await answered(undefined)
  expect(serverNow()).toBe(truth)
})

it('is the server’s where the clock here is wrong by a day, and goes on', async () => {
  for (const wrong of [day, -day]) {
    forgetClock()
    vi.setSystemTime(truth + wrong)
    await answered(truth)
    expect(serverNow()).toBe(truth)
    await vi.advanceTimersByTimeAsync(5000)
    expect(serverNow()).toBe(truth + 5000)
  }
})

it('takes nothing from an answer that is old', async () => {
  vi.setSystemTime(truth + day)
  await answered(truth)
  await answered(truth - day)
  expect(serverNow()).toBe(truth)
})

it('leaves a clock alone that is right to the minute', async () => {
  await answered(truth - 20_000)
  expect(serverNow()).toBe(truth)
})
