import { type Readable, Writable } from '../ui/store'

/** Something on this page that must not be cut: others hear it, or it cannot be said again. */
export interface Live {
  kind: 'room' | 'call' | 'recording'
  /** Of the room, or of whom one talks to. */
  name?: string
  /** 'open' and 'muted' can be changed; anything else is no microphone in use. */
  mic: string
  setMuted(muted: boolean): void
  /** Lets go of the microphone at once, and tells the server. */
  leave(): void
}

const all = new Map<Live['kind'], Live>()
const state = new Writable<readonly Live[]>([])

export const live: Readable<readonly Live[]> = state

/** Told by whoever holds a connection. It stands outside React, so that no page can take it along. */
export function setLive(kind: Live['kind'], connection: Live | undefined): void {
  if (!connection && !all.has(kind)) return
  if (connection) all.set(kind, connection)
  else all.delete(kind)
  state.set([...all.values()])
}

/** Out of everything: nothing on the screen could mute it any more. */
export function leaveAll(): void {
  for (const connection of state.get()) connection.leave()
}
