import type { Member, Problem, Room } from '../api'
import type { Stuck } from './mediaConnection'
import type { MediaState } from './mediaSession'
import type { MicState } from './microphone'

export type Connection = Exclude<MediaState['connection'], 'elsewhere'>

/** 'off' also where there is no seat, or the browser is still asking. */
export type Mic = Exclude<MicState, 'ready'>

export type EndedWhy = NonNullable<Room['end_reason']> | 'removed' | 'closed' | 'elsewhere'

export type RoomState =
  | { status: 'none' }
  | { status: 'joining'; roomId: string }
  | { status: 'failed'; roomId: string; problem: Problem }
  | {
      status: 'live'
      roomId: string
      room: Room
      you: Member
      connection: Connection
      /** Why the sound does not come, once that is known. */
      stuck?: Stuck
      mic: Mic
      /** What the microphone is called, also while it is away. */
      device?: string
      /** 'blocked': the browser wants a tap before it plays anything; see resumePlayback. */
      playback: 'ok' | 'blocked'
    }
  | { status: 'ended'; roomId: string; why: EndedWhy; room?: Room }

/** How an end is told: to the host who ended the room, it was their own doing. */
export function toldEnd({
  why,
  room,
}: {
  why: EndedWhy
  room?: Room | undefined
}): EndedWhy | 'you' {
  return why === 'host' && room?.you?.role === 'host' ? 'you' : why
}

/** Somebody is in a room. */
export type LiveState = Extract<RoomState, { status: 'live' }>

/** Commands never reject: they resolve with what went wrong, or with nothing. */
export type Outcome = Promise<Problem | undefined>
