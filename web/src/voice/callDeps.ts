import type { Call, CallJoined, Lounge } from '../api'
import type { OwnListener } from '../realtime/connection'
import type { Feedback, Tonight } from './call-state'
import type { MediaDeps } from './mediaSession'

/** Everything a call does to the world outside it. Tests bring their own. */
export interface CallDeps extends MediaDeps {
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
  listen(owner: OwnListener): () => void
  /** Whether this person has tried their microphone on this device: then asking for it is no surprise. */
  micKnown(): boolean
  earcon(name: 'proposal' | 'ring' | 'minute' | 'together' | 'over'): void
  /** One microphone at a time: out of the room this window is in. */
  leaveRoom(): void
  /** This machine's time, ms; it does not jump when somebody sets the clock. */
  own(): number
  /** Whether anybody can see this window; fn is called when it comes back. */
  visible(): boolean
  onVisible(fn: () => void): () => void
  /** What outlives a reload of this window, and no other: the call it is in, and what it looks for. */
  persisted: {
    call(): string | undefined
    keepCall(id: string | undefined): void
    /** `at`: when the server last knew us waiting, by its clock. */
    tonight(): { tonight: Tonight; at: number } | undefined
    keepTonight(wish: { tonight: Tonight; at: number } | undefined): void
  }
}
