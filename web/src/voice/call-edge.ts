import type { Call, CallJoined, Lounge } from '../api'
import type { OwnListener } from '../realtime/connection'
import type { Readable } from '../ui/store'
import type { Feedback, Tonight } from './call-state'
import type { Captured } from './capture'
import type { OpenLine } from './line'

/** Everything a call does to the world outside it. Tests bring their own. */
export interface CallEdge {
  server: {
    lounge(): Promise<Lounge>
    enter(tonight: Tonight): Promise<Lounge>
    stay(): Promise<Lounge>
    cancel(): Promise<Lounge>
    reach(reach: Lounge['reach']): Promise<Lounge>
    bell(on: boolean): Promise<Lounge>
    hour(hour: string, coming: boolean): Promise<Lounge>
    ring(person: string): Promise<Call>
    call(call: string): Promise<Call>
    join(call: string): Promise<CallJoined>
    accept(call: string): Promise<Call>
    decline(call: string): Promise<Call>
    hears(call: string): Promise<Call>
    more(call: string): Promise<Call>
    leave(call: string): Promise<Call>
    microphone(call: string, is: { muted: boolean; taken: boolean }): Promise<Call>
    choose(call: string, choice: 'heart' | 'pass', feedback: Feedback): Promise<Call>
  }
  /** The account id of whoever is signed in. */
  self(): string
  listen(owner: OwnListener): () => void
  /** Loads the media library, once. */
  media(): Promise<OpenLine>
  capture(): Promise<Captured>
  /** Whether this person has tried their microphone on this device: then asking for it is no surprise. */
  micKnown(): boolean
  playback: {
    state: Readable<'ok' | 'blocked'>
    add(personId: string, track: MediaStreamTrack): void
    remove(personId: string): void
    clear(): void
    resume(): void
  }
  setVoice(personId: string, track: MediaStreamTrack | undefined): void
  earcon(name: 'proposal' | 'ring' | 'minute' | 'together' | 'over'): void
  /** One microphone at a time: out of the room this window is in. */
  leaveRoom(): void
  /** This machine's time, ms; it does not jump when somebody sets the clock. */
  own(): number
  /** Calls fn after ms, or not if the returned function was called before. */
  later(fn: () => void, ms: number): () => void
  /** Calls fn whenever the browser says that the network has gone (false) or is back (true). */
  onNetwork(fn: (there: boolean) => void): () => void
  /** Whether anybody can see this window; fn is called when it comes back. */
  visible(): boolean
  onVisible(fn: () => void): () => void
  /** What outlives a reload of this window, and no other: the call it is in, and what it looks for. */
  kept: {
    call(): string | undefined
    keepCall(id: string | undefined): void
    /** `at`: when the server last knew us waiting, by its clock. */
    tonight(): { tonight: Tonight; at: number } | undefined
    keepTonight(wish: { tonight: Tonight; at: number } | undefined): void
  }
}
