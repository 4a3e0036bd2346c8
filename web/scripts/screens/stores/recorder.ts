import { Writable } from '../../../src/ui/store'
import type { Recorder, RecorderState, Take } from '../../../src/voice/recorder'
import { wavBytes } from '../../../src/voice/recorder-sound'
import { scene } from '../scene'

export type { Recorder, RecorderState, Take }

const bars = Array.from({ length: 124 }, (_, i) => {
  const phrase = Math.max(0, Math.sin(i / 9)) * 0.8
  return Math.min(1, phrase * (0.55 + 0.45 * Math.abs(Math.sin(i * 1.7))) + 0.03)
})

/** Stands where the scene puts it, or in a conversation goes there. */
export function newRecorder(): Recorder {
  const { note } = scene
  const at = note ? 'ready' : (scene.recorder ?? 'ready')
  const take: Take = {
    ms: 12_400,
    bars,
    listen: 'data:audio/wav;base64,',
    raw: () => wavBytes(new Float32Array(4800), 48_000),
    file: async () => new Blob(),
  }
  const states: Record<NonNullable<typeof scene.recorder>, RecorderState> = {
    ready: { at: 'ready' },
    asking: { at: 'asking' },
    recording: { at: 'recording' },
    taken: { at: 'taken', take },
    short: { at: 'missed', why: 'short' },
    denied: { at: 'refused', why: 'denied' },
  }
  const state = new Writable<RecorderState>(states[at])
  const going = at === 'recording' || note === 'recording'
  return {
    get: state.get,
    subscribe: state.subscribe,
    level: () => (going ? 0.7 : 0),
    ms: () => (going ? 7400 : 0),
    bars: () => (going ? bars.slice(0, 74) : []),
    async start() {
      if (note) state.set(states[note])
    },
    stop() {
      if (note) state.set(states.taken)
    },
    again: () => note && state.set(states.ready),
    close() {},
  }
}
