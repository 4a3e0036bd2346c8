import { afterEach, expect, it, vi } from 'vitest'
import { keepAwake } from './wakeLock'

class Sentinel extends EventTarget {
  released = false
  async release() {
    this.released = true
    this.dispatchEvent(new Event('release'))
  }
}

function browser() {
  const given: Sentinel[] = []
  const request = vi.fn(async () => {
    const made = new Sentinel()
    given.push(made)
    return made
  })
  return { given, request, lock: { request } as unknown as WakeLock }
}

const shown = (state: DocumentVisibilityState) => {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}
const settled = () => new Promise((done) => setTimeout(done))

afterEach(() => vi.restoreAllMocks())

it('keeps the screen on until it is let go of', async () => {
  const { given, lock } = browser()
  const letGo = keepAwake(lock)
  await settled()
  expect(given).toMatchObject([{ released: false }])
  letGo()
  expect(given).toMatchObject([{ released: true }])
})

it('asks again when the page is back', async () => {
  const { given, lock } = browser()
  const letGo = keepAwake(lock)
  await settled()
  shown('hidden')
  void given[0]?.release()
  shown('visible')
  await settled()
  expect(given).toHaveLength(2)
  letGo()
  shown('visible')
  await settled()
  expect(given).toHaveLength(2)
})

it('gives back what comes too late', async () => {
  const { given, lock } = browser()
  keepAwake(lock)()
  await settled()
  expect(given).toMatchObject([{ released: true }])
})

it('does without where it is refused or unknown', async () => {
  keepAwake(undefined)()
  const letGo = keepAwake({ request: async () => Promise.reject(new Error('low')) } as never)
  await settled()
  letGo()
})
