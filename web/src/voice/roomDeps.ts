import type { Listen, Media, Room, RoomChange, RoomChanges, RoomJoined } from '../api'
import type { Listener } from '../realtime/connection'
import type { RoomEvent } from '../realtime/room'
import type { MediaDeps } from './mediaSession'

/** Everything a stay in a room does to the world outside it. Tests bring their own. */
export interface RoomDeps extends MediaDeps {
  server: {
    /** Enters; with a listening connection if there is an offer and no seat. */
    join(roomId: string, offer?: string): Promise<RoomJoined>
    /** Listens anew within the same stay. */
    listen(roomId: string, offer: string): Promise<Listen>
    /** Connects to LiveKit within the same stay: for who sits or is about to. */
    connect(roomId: string): Promise<{ media: Media }>
    leave(roomId: string): Promise<unknown>
    read(roomId: string): Promise<Room>
    changes(roomId: string, since: number): Promise<RoomChanges>
    microphone(roomId: string, muted: boolean): Promise<RoomChange>
    sit(roomId: string, seat?: number): Promise<RoomChange>
    stand(roomId: string): Promise<RoomChange>
  }
  listen(channel: string, listener: Listener<RoomEvent>): () => void
  /** Whether a call of this person rings or goes on. */
  calling(): boolean
  earcon(name: 'may-speak' | 'moved-back'): void
}
