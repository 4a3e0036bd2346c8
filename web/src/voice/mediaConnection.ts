/**
 * One connection to the audio of one room or call, as a media session sees it. 'listen' receives only, from
 * the listening tier (whep.ts); 'talk' may also publish, over LiveKit (livekit.ts).
 */
export type MediaConnection = ListenConnection | TalkConnection

interface Connection {
  /** Pseudonyms of the people whose sound has arrived within the last second. */
  heard(): readonly string[]
  /** How sound comes now; undefined: not known. */
  path(): Promise<Path | undefined>
  close(): void
}

export type Path = 'udp' | 'tcp'

export interface ListenConnection extends Connection {
  readonly kind: 'listen'
  /** Whether the server has answered within the last seconds; false after the machine slept. */
  alive(): boolean
}

export interface TalkConnection extends Connection {
  readonly kind: 'talk'
  /** Sends the microphone. Resolves when the server has taken it. */
  publish(track: MediaStreamTrack, muted: boolean): Promise<void>
  /** Takes effect on what is sent at once; the sign to the others follows. */
  setMuted(muted: boolean): void
  /** Stops sending. The track itself stays with its owner. */
  unpublish(): void
}

export type Kind = MediaConnection['kind']

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

/**
 * An output is one audio track that is received: one participant's over LiveKit, one slot of the listening
 * tier. A voice is the pseudonym of a person within the room or call; a slot carries several in turn.
 */
export type ConnectionEvent =
  | { type: 'stuck'; why: Stuck }
  | { type: 'connection'; state: 'connected' | 'reconnecting' }
  | { type: 'closed'; why: Closed }
  /** A new output; `voice`: whose it is, if known. `packets`: how many have arrived so far. */
  | {
      type: 'output'
      output: string
      voice?: string
      track: MediaStreamTrack
      packets?: () => Promise<number>
    }
  /** Another person, or nobody, is heard on an output from now on. */
  | { type: 'speaker'; output: string; voice: string | undefined }
  /** The output is gone. */
  | { type: 'silence'; output: string }
  /** Whether somebody's connection, or ours, is too weak to be understood well. */
  | { type: 'quality'; voice: string; mine: boolean; weak: boolean }
  /** The server no longer lets us send. */
  | { type: 'silenced' }

export type OnConnection = (event: ConnectionEvent) => void

export type OpenConnection = (
  url: string,
  token: string,
  on: OnConnection,
) => Promise<TalkConnection>

/** What a listening session is opened with, and what the server answered. */
export interface Offer {
  readonly sdp: string
  /** Resolves when connected. `url` is the resource to DELETE. Rejects if no connection comes about. */
  accept(answered: { answer: string; url: string }, on: OnConnection): Promise<ListenConnection>
  /** The offer is not used, or no longer: `url` is the resource the server made of it, if it did. */
  close(url?: string): void
}
