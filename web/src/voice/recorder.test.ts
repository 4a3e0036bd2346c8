import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeTrack } from '../testing/track'
import { live } from './live'
import { newRecorder } from './recorder'

const world = vi.hoisted(() => ({ track: undefined as unknown }))
vi.mock('./capture', () => ({ capture: async () => ({ track: world.track }) }))
vi.mock('./session', () => ({ session: { get: () => ({ status: 'none' }) } }))
vi.mock('./recorder-worklet?worker&url', () => ({ default: 'worklet.js' }))
vi.mock('./recorder-encode', () => ({}))
/** A browser whose sound never starts. */
vi.mock('./audio', () => ({
  audioContext: () => ({
    resume: () => new Promise(() => {}),
    audioWorklet: { addModule: async () => {} },
  }),
}))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal(
    'AudioEncoder',
    Object.assign(() => {}, { isConfigSupported: async () => ({ supported: true }) }),
  )
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('says so when the sound of the browser does not start, and lets the microphone go', async () => {
  const track = new FakeTrack()
  world.track = track
  const recorder = newRecorder()
  void recorder.start()
  await vi.advanceTimersByTimeAsync(1000)
  expect(recorder.get()).toEqual({ at: 'asking' })
  expect(
    live.get().map((l) => l.kind),
    'the page is not to be loaded anew',
  ).toEqual(['recording'])
  await vi.advanceTimersByTimeAsync(5000)
  expect(recorder.get()).toEqual({ at: 'refused', why: 'stuck' })
  expect(track.stop).toHaveBeenCalled()
  expect(live.get()).toEqual([])
  recorder.close()
})
