import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { browser } from './browser'

let doubts: number
let stop: () => void
const connection = Object.assign(new EventTarget(), { type: 'wifi' })

beforeEach(() => {
  vi.useFakeTimers()
  doubts = 0
  vi.stubGlobal('navigator', { connection })
  stop = browser.onDoubt(() => {
    doubts++
  })
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('is raised by another kind of network, not by another speed or by none', () => {
  connection.dispatchEvent(new Event('change'))
  expect(doubts).toBe(0)
  connection.type = 'cellular'
  connection.dispatchEvent(new Event('change'))
  expect(doubts).toBe(1)
  connection.type = 'none'
  connection.dispatchEvent(new Event('change'))
  expect(doubts).toBe(1)
})

it('is raised by a machine that slept, not by a busy one', () => {
  vi.advanceTimersByTime(60_000)
  expect(doubts).toBe(0)
  vi.setSystemTime(Date.now() + 30_000)
  vi.advanceTimersByTime(1000)
  expect(doubts).toBe(1)
  vi.advanceTimersByTime(60_000)
  expect(doubts).toBe(1)
})

it('is raised no more once nobody asks', () => {
  stop()
  vi.setSystemTime(Date.now() + 30_000)
  vi.advanceTimersByTime(1000)
  expect(doubts).toBe(0)
})
