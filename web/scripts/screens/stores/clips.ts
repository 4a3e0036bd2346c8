import { Writable } from '../../../src/ui/store'
import type { Clips, ClipsState, Recording } from '../../../src/voice/clips'
import { scene } from '../scene'

export type { Clips, ClipsState, Recording }

const state = new Writable<ClipsState>({ key: undefined, status: 'idle', problem: undefined })

/** Plays without a sound: what is pressed stands where the scene says. */
export const clips: Clips = {
  get: state.get,
  subscribe: state.subscribe,
  async play({ key }) {
    if (scene.clip?.problem) state.set({ ...state.get(), problem: scene.clip.problem })
    else state.set({ key, status: 'playing', problem: undefined })
  },
  pause: () => state.set({ ...state.get(), status: 'paused' }),
  stop: () => state.set({ ...state.get(), key: undefined, status: 'idle' }),
  seek() {},
  progress: () => scene.clip?.progress ?? 0.4,
  level: () => scene.clip?.level ?? 0.6,
  heard: () => 0,
  forget() {},
  prepare() {},
  onEnd: () => () => {},
}
