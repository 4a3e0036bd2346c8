import type { Call, CallJoined, QueueStatus } from '../api'
import type { OwnListener } from '../realtime/connection'
import type { Feedback, Tonight } from './call-state'
import type { MediaDeps } from './mediaSession'

/** Everything a call does to the world outside it. Tests bring their own. */
export interface CallDeps extends MediaDeps {
  server: {
    queue(): Promise<QueueStatus>
    enter(tonight: Tonight): Promise<QueueStatus>
    heartbeat(): Promise<QueueStatus>
    cancel(): Promise<QueueStatus>
    callPrivacy(privacy: QueueStatus['call_privacy']): Promise<QueueStatus>
    alert(on: boolean): Promise<QueueStatus>
    hour(hour: string, coming: boolean): Promise<QueueStatus>
    ring(person: string): Promise<Call>
    call(call: string): Promise<Call>
    join(call: string): Promise<CallJoined>
    accept(call: string): Promise<Call>
    decline(call: string): Promise<Call>
    audioReceived(call: string): Promise<Call>
    extend(call: string): Promise<Call>
    leave(call: string): Promise<Call>
    microphone(call: string, is: { muted: boolean; interrupted: boolean }): Promise<Call>
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
