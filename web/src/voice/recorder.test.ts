import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { FakeTrack } from '../testing/track'
import { live } from './live'
import { newRecorder, type RecorderState } from './recorder'

const world = vi.hoisted(() => ({ track: undefined as unknown, context: {} as object }))
vi.mock('./capture', () => ({ capture: async () => ({ track: world.track }) }))
vi.mock('./session', () => ({ session: { get: () => ({ status: 'none' }) } }))
vi.mock('./recorder-worklet?worker&url', () => ({ default: 'worklet.js' }))
vi.mock('./recorder-encode', () => ({}))
vi.mock('./audio', () => ({ audioContext: () => world.context }))
/** A browser whose sound never starts. */
const stuck = {
  resume: () => new Promise(() => {}),
  audioWorklet: { addModule: async () => {} },
}

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
  world.context = stuck
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

/** A browser in which sound runs, as far as a recorder touches it. */
function runningSound() {
  const ports: { onmessage: ((event: { data: Float32Array }) => void) | null }[] = []
  class Node {
    port = { onmessage: null }
    constructor() {
      ports.push(this.port)
    }
    connect(to: unknown) {
      return to
    }
    disconnect() {}
  }
  for (const name of ['AudioWorkletNode', 'GainNode', 'MediaStream']) vi.stubGlobal(name, Node)
  vi.stubGlobal(
    'URL',
    Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL() {} }),
  )
  const context = Object.assign(new EventTarget(), {
    ...stuck,
    resume: async () => {},
    state: 'running',
    sampleRate: 48_000,
    createMediaStreamSource: () => new Node(),
  })
  world.context = context
  return {
    says(seconds: number) {
      const data = new Float32Array(seconds * context.sampleRate).fill(0.5)
      for (const port of ports) port.onmessage?.({ data })
    },
    becomes(state: string) {
      context.state = state
      context.dispatchEvent(new Event('statechange'))
    },
  }
}

async function recording(sound: ReturnType<typeof runningSound>, seconds: number) {
  const track = new FakeTrack()
  world.track = track
  const recorder = newRecorder({ least: 500, most: 60_000 })
  await recorder.start()
  expect(recorder.get()).toEqual({ at: 'recording' })
  sound.says(seconds)
  return { track, recorder }
}
const cutOf = (state: RecorderState) => state.at === 'taken' && [state.cut, state.take.ms]

it('stops when a call takes the microphone or the sound, and keeps what was said', async () => {
  const sound = runningSound()
  const first = await recording(sound, 4)
  first.track.taken(true)
  expect(cutOf(first.recorder.get())).toEqual(['interrupted', 4000])
  expect(first.track.stop).toHaveBeenCalled()
  first.recorder.close()

  const second = await recording(sound, 2)
  sound.becomes('interrupted')
  expect(cutOf(second.recorder.get())).toEqual(['interrupted', 2000])
  second.recorder.close()
  sound.becomes('running')

  const third = await recording(sound, 0)
  third.track.taken(true)
  expect(third.recorder.get()).toEqual({ at: 'missed', why: 'interrupted' })
  third.recorder.close()
})

it('says nothing of an interruption when its person has stopped it', async () => {
  const sound = runningSound()
  const { recorder } = await recording(sound, 3)
  recorder.stop()
  sound.becomes('interrupted')
  expect(cutOf(recorder.get())).toEqual([undefined, 3000])
  recorder.close()
})
