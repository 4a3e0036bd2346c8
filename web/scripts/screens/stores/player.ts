import { Writable } from '../../../src/ui/store'
import type { Player, PlayerState, Recording } from '../../../src/voice/player'
import { scene } from '../scene'

export type { Player, PlayerState, Recording }

const state = new Writable<PlayerState>({
  key: undefined,
  recording: undefined,
  status: 'idle',
  problem: undefined,
  rate: 1,
})

/** Plays without a sound: what is pressed stands where the scene says. */
export const player: Player = {
  get: state.get,
  subscribe: state.subscribe,
  async play(recording) {
    const { key } = recording
    if (scene.clip?.problem) state.set({ ...state.get(), problem: scene.clip.problem })
    else state.set({ ...state.get(), key, recording, status: 'playing', problem: undefined })
  },
  pause: () => state.set({ ...state.get(), status: 'paused' }),
  stop: () => state.set({ ...state.get(), key: undefined, recording: undefined, status: 'idle' }),
  seek() {},
  skip() {},
  go() {},
  setRate: (rate) => state.set({ ...state.get(), rate }),
  left: () => 0,
  duration: () => 12,
  progress: () => scene.clip?.progress ?? 0.4,
  level: () => scene.clip?.level ?? 0.6,
  heard: () => 0,
  forget() {},
  prepare() {},
  drop() {},
  dropOne() {},
}
