import type { Room } from '../api'
import type { Listener } from '../realtime/connection'
import type { Readable } from '../ui/store'
import type { Captured } from './capture'
import type { OpenLine } from './line'

/** Everything a stay in a room does to the world outside it. Tests bring their own. */
export interface Edge {
  server: {
    join(roomId: string): Promise<{ room: Room; media: { url: string; token: string } }>
    leave(roomId: string): Promise<unknown>
    read(roomId: string): Promise<Room>
    microphone(roomId: string, muted: boolean): Promise<Room>
    sit(roomId: string, seat?: number): Promise<Room>
    stand(roomId: string): Promise<Room>
  }
  /** The account id of whoever is signed in. */
  self(): string
  listen(channel: string, listener: Listener): () => void
  /** Loads the media library, once. */
  media(): Promise<OpenLine>
  capture(): Promise<Captured>
  playback: {
    state: Readable<'ok' | 'blocked'>
    add(personId: string, track: MediaStreamTrack): void
    remove(personId: string): void
    clear(): void
    resume(): void
  }
  setVoice(personId: string, track: MediaStreamTrack | undefined): void
  earcon(name: 'may-speak' | 'moved-back'): void
  /** Calls fn after ms, or not if the returned function was called before. */
  later(fn: () => void, ms: number): () => void
  /** Calls fn whenever the browser says that the network has gone (false) or is back (true). */
  onNetwork(fn: (there: boolean) => void): () => void
}
