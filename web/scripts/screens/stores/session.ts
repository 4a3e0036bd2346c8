import { useStore, Writable } from '../../../src/ui/store'
import type { RoomState, Session } from '../../../src/voice/session'
import { scene } from '../scene'

export type { RoomState, Session }

const state = new Writable<RoomState>(scene.room ?? { status: 'none' })
const nothing = async () => undefined

/** Stands where the scene puts it, whatever is pressed. */
export const session: Session = {
  get: state.get,
  subscribe: state.subscribe,
  prepare() {},
  join: nothing,
  leave() {},
  sit: nothing,
  stand: nothing,
  setMuted: nothing,
  moveToAudience: nothing,
  allowToSpeak: nothing,
  remove: nothing,
  end: nothing,
  refresh() {},
  dismiss() {},
  retryMic: nothing,
  renewMic: nothing,
  resumePlayback() {},
}

export function useSession(): RoomState {
  return useStore(state)
}

export const entering = () => () => {}
