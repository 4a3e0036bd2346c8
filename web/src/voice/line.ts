/** One connection to one room's audio, as the session sees it. livekit.ts is the real one. */
export interface Line {
  /** Sends the microphone. Resolves when the server has taken it. */
  publish(track: MediaStreamTrack, muted: boolean): Promise<void>
  /** Takes effect on what is sent at once; the sign to the others follows. */
  setMuted(muted: boolean): void
  /** Stops sending. The track itself stays with its owner. */
  unpublish(): void
  close(): void
}

/**
 * Why a line closed by itself. 'duplicate': the same person connected elsewhere. 'ended': the server
 * ended it on purpose. 'refused': our admission is no longer good. 'lost': everything else, worth
 * joining again.
 */
export type Closed = 'duplicate' | 'ended' | 'refused' | 'lost'

export type LineEvent =
  | { type: 'connection'; state: 'connected' | 'reconnecting' }
  | { type: 'closed'; why: Closed }
  /** `packets`: how many have arrived so far. */
  | { type: 'voice'; personId: string; track: MediaStreamTrack; packets?: () => Promise<number> }
  | { type: 'silence'; personId: string }
  /** Whether somebody's connection, or ours, is too weak to be understood well. */
  | { type: 'quality'; personId: string; weak: boolean }
  /** The server no longer lets us send. */
  | { type: 'silenced' }

export type OpenLine = (url: string, token: string, on: (event: LineEvent) => void) => Promise<Line>
