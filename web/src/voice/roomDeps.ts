import type { Room, RoomChange, RoomChanges } from '../api'
import type { Listener } from '../realtime/connection'
import type { RoomEvent } from '../realtime/room'
import type { MediaDeps } from './mediaSession'

/** Everything a stay in a room does to the world outside it. Tests bring their own. */
export interface RoomDeps extends MediaDeps {
  server: {
    join(roomId: string): Promise<{ room: Room; media: { url: string; token: string } }>
    leave(roomId: string): Promise<unknown>
    read(roomId: string): Promise<Room>
    changes(roomId: string, since: number): Promise<RoomChanges>
    microphone(roomId: string, muted: boolean): Promise<RoomChange>
    sit(roomId: string, seat?: number): Promise<RoomChange>
    stand(roomId: string): Promise<RoomChange>
  }
  listen(channel: string, listener: Listener<RoomEvent>): () => void
  earcon(name: 'may-speak' | 'moved-back'): void
}
