import type { Call, Lounge, Problem } from '../api'

/**
 * 'off': not asked for yet. 'ready': open, and nobody hears it before both said yes. 'taken': the phone
 * or another program took it away for now. 'missing': there is none, or another program holds it.
 */
export type CallMic = 'off' | 'ready' | 'open' | 'muted' | 'taken' | 'denied' | 'missing'

/**
 * How this window stands with the audio of a call.
 * 'away': it is not on the line, for it was loaded anew or another window had the call: one tap brings
 * it here. 'elsewhere': another window or device has just taken it.
 */
export type CallLine = 'none' | 'joining' | 'connected' | 'reconnecting' | 'away' | 'elsewhere'

export interface CallAudio {
  line: CallLine
  mic: CallMic
  playback: 'ok' | 'blocked'
  /** Their voice has arrived. */
  heard: boolean
  /** Whose connection is weak. */
  weak: 'mine' | 'theirs' | undefined
}

export interface CallsState {
  /** 'soon': this server has no Call yet. */
  status: 'loading' | 'ready' | 'offline' | 'error' | 'soon'
  lounge: Lounge | undefined
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

/** Commands never reject: they resolve with what went wrong, or with nothing. */
export type Outcome = Promise<Problem | undefined>

export const noAudio: CallAudio = {
  line: 'none',
  mic: 'off',
  playback: 'ok',
  heard: false,
  weak: undefined,
}

/** Both said yes: from here on it is a conversation, or about to be. */
export const together = (call: Call | undefined): call is Call =>
  call?.state === 'connecting' || call?.state === 'live'
