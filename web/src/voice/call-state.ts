import type { Call, Problem, QueueStatus } from '../api'
import type { Condition } from '../realtime/liveStore'
import type { Stuck } from './mediaConnection'
import type { MicState } from './microphone'

/**
 * How this window stands with the audio of a call.
 * 'away': it is not connected, for it was loaded anew or another window had the call: one tap brings
 * it here. 'elsewhere': another window or device has just taken it.
 */
export type CallConnectionState =
  | 'none'
  | 'joining'
  | 'connected'
  | 'reconnecting'
  | 'away'
  | 'elsewhere'

export interface CallAudio {
  connection: CallConnectionState
  /** Why the sound does not come, once that is known. */
  stuck?: Stuck
  mic: MicState
  /** What the microphone is called, also while it is away. */
  device?: string
  playback: 'ok' | 'blocked'
  /** Their voice has arrived. */
  heard: boolean
  /** Whose connection is weak. */
  weak: 'mine' | 'theirs' | undefined
}

/** What this window knows of its calls. */
export interface CallFields {
  queue: QueueStatus | undefined
  /** Going on, or over and not yet put away. */
  call: Call | undefined
  audio: CallAudio
  /** Whom we call while the server has not answered yet. */
  ringing: string | undefined
  /** Waiting ended because this window slept. */
  lapsed: boolean
  /** Less than a minute is left. */
  lastMinute: boolean
}

export interface CallsState extends CallFields {
  status: Condition['status']
  /** Why reading failed. */
  problem?: Problem
}

/** This server has no Call yet. */
export const isMissing = ({ problem }: CallsState): boolean => problem?.code === 'server.not_ready'

/** For tonight only; none: as in the profile. */
export interface Tonight {
  intents: string[]
  languages: string[]
}

export interface Feedback {
  kind?: boolean
  on_topic?: boolean
  safe?: boolean
}

export const noAudio: CallAudio = {
  connection: 'none',
  mic: 'off',
  playback: 'ok',
  heard: false,
  weak: undefined,
}

/** Both said yes: from here on it is a conversation, or about to be. */
export const together = (call: Call | undefined): call is Call =>
  call?.state === 'connecting' || call?.state === 'live'
