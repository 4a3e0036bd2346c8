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

let calling = false
let previewing = false
const taken = new Writable(false)
const wayGiven = new Writable(false)

/** Whether a call rings or goes on, a room is entered, or something is recorded: no room is previewed. */
export const occupied: Readable<boolean> = taken

/** Whether a call rings or goes on, or a room is heard: whatever was recorded gives way. */
export const interrupted: Readable<boolean> = wayGiven

const follow = () => {
  taken.set(calling || all.size > 0)
  wayGiven.set(calling || previewing || all.has('room'))
}
state.subscribe(follow)

/** Whether a call rings or goes on. */
export const isCalling = (): boolean => calling || all.has('call')

/** Told by Call: somebody is called, or calls, or talks. */
export function setCalling(on: boolean): void {
  calling = on
  follow()
}

/** Told by Preview: a room is listened to from outside. */
export function setPreviewing(on: boolean): void {
  previewing = on
  follow()
}
