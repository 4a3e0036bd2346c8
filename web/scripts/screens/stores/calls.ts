import { Writable } from '../../../src/ui/store'
import { noAudio } from '../../../src/voice/call-state'
import type { CallsState, calls as real } from '../../../src/voice/calls'
import { scene } from '../scene'

export type { CallsState }

const state = new Writable<CallsState>({
  status: 'loading',
  queue: undefined,
  call: undefined,
  audio: noAudio,
  ringing: undefined,
  lapsed: false,
  lastMinute: false,
  ...scene.calls,
})
const nothing = async () => undefined

/** Stands where the scene puts it, whatever is pressed. */
export const calls = {
  get: state.get,
  subscribe: state.subscribe,
  clock: { now: () => Date.now() },
  start: () => () => {},
  refresh: async () => {},
  retry: async () => {},
  enter: nothing,
  cancel: nothing,
  setCallPrivacy: nothing,
  setAlert: nothing,
  comeTo: nothing,
  ring: nothing,
  offer: async () => scene.calls?.problem,
  accept: nothing,
  decline: nothing,
  leave: nothing,
  extend: nothing,
  setMuted: nothing,
  comeBack: async () => {},
  retryMic: async () => {},
  renewMic: async () => {},
  resumePlayback() {},
  choose: nothing,
  dismiss() {},
  recall() {},
  part() {},
} satisfies { [name in keyof typeof real]: unknown }

export const roomBefore = new Writable<{ id: string; title: string } | undefined>(undefined)
export const leaveForCall = () => {}
export const chooseMicrophone = () => {}
export const quietRoom = () => {}
export const choosesSpeaker = () => true
export const speaker = () => ''
export const playOn = () => {}
export const keepsNoise = () => false
