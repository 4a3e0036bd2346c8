import { Writable } from '../ui/store'

const take = {
  ms: 4000,
  bars: [0.2, 0.9, 0.4],
  listen: '',
  raw: () => new ArrayBuffer(44),
  file: async () => ({ arrayBuffer: async () => new ArrayBuffer(4) }),
}

/** In the place of `voice/recorder`: a microphone that hears four seconds of something. */
export function newRecorder() {
  const state = new Writable<{ at: string }>({ at: 'ready' })
  return {
    get: state.get,
    subscribe: state.subscribe,
    level: () => 0,
    ms: () => 4000,
    bars: () => [],
    start: async () => state.set({ at: 'recording' }),
    stop: () => state.set(Object.assign({ at: 'taken', take })),
    again: () => state.set({ at: 'ready' }),
    close() {},
  }
}
