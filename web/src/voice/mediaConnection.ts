/** One connection to the audio of one room or call, as a media session sees it. livekit.ts is the real one. */
export interface MediaConnection {
  /** Sends the microphone. Resolves when the server has taken it. */
  publish(track: MediaStreamTrack, muted: boolean): Promise<void>
  /** Takes effect on what is sent at once; the sign to the others follows. */
  setMuted(muted: boolean): void
  /** Stops sending. The track itself stays with its owner. */
  unpublish(): void
  close(): void
}

/**
 * Why a connection closed by itself. 'duplicate': the same person connected elsewhere. 'ended': the server
 * ended it on purpose. 'refused': our grant is no longer good. 'lost': everything else, worth
 * joining again.
 */
export type Closed = 'duplicate' | 'ended' | 'refused' | 'lost'

/**
 * Why opening takes longer than it should. 'blocked': we talk with the server, and no sound passes
 * between us. 'unreachable': we do not even talk. 'outdated': what plays the sound could not be
 * fetched, while the server lets us in; it has another client by now.
 */
export type Stuck = 'blocked' | 'unreachable' | 'outdated'

export type ConnectionEvent =
  | { type: 'stuck'; why: Stuck }
  | { type: 'connection'; state: 'connected' | 'reconnecting' }
  | { type: 'closed'; why: Closed }
  /** `packets`: how many have arrived so far. */
  | { type: 'voice'; personId: string; track: MediaStreamTrack; packets?: () => Promise<number> }
  | { type: 'silence'; personId: string }
  /** Whether somebody's connection, or ours, is too weak to be understood well. */
  | { type: 'quality'; personId: string; mine: boolean; weak: boolean }
  /** The server no longer lets us send. */
  | { type: 'silenced' }

export type OpenConnection = (
  url: string,
  token: string,
  on: (event: ConnectionEvent) => void,
) => Promise<MediaConnection>
