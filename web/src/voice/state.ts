import type { Member, Problem, Room } from '../api'

export type Connection = 'connecting' | 'connected' | 'reconnecting' | 'lost'

/** 'off': no seat, or the browser is still asking. 'missing': no microphone, or another program holds it. */
export type Mic = 'off' | 'muted' | 'open' | 'denied' | 'missing'

export type EndedWhy = 'host' | 'empty' | 'removed' | 'elsewhere'

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
      mic: Mic
      /** 'blocked': the browser wants a tap before it plays anything; see resumePlayback. */
      playback: 'ok' | 'blocked'
    }
  | { status: 'ended'; roomId: string; why: EndedWhy; room?: Room }

/** Somebody is in a room. */
export type LiveState = Extract<RoomState, { status: 'live' }>
