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
  join: nothing,
  leave() {},
  prepareSeat() {},
  sit: nothing,
  stand: nothing,
  setMuted: nothing,
  host: nothing,
  raiseHand: nothing,
  lowerHand: nothing,
  answerInvitation: nothing,
  setHands: nothing,
  setEntry: nothing,
  lockSeat: nothing,
  edit: nothing,
  setChat: nothing,
  undo: nothing,
  share: nothing,
  end: nothing,
  refresh() {},
  dismiss() {},
  retryMic: nothing,
  renewMic: nothing,
  resumePlayback() {},
  silenced: new Writable(scene.silenced === true),
  silence() {},
  quiet() {},
  music: new Writable(false),
  move: new Writable(undefined),
  setMusic() {},
  path: async () => 'tcp',
}

export function useSession(): RoomState {
  return useStore(state)
}

export const entering = () => () => {}
