import type { Room } from '../api'
import type { Listener } from '../realtime/connection'
import type { RoomEvent } from '../realtime/room'
import type { MediaDeps } from './mediaSession'

/** Everything a stay in a room does to the world outside it. Tests bring their own. */
export interface RoomDeps extends MediaDeps {
  server: {
    join(roomId: string): Promise<{ room: Room; media: { url: string; token: string } }>
    leave(roomId: string): Promise<unknown>
    read(roomId: string): Promise<Room>
    microphone(roomId: string, muted: boolean): Promise<Room>
    sit(roomId: string, seat?: number): Promise<Room>
    stand(roomId: string): Promise<Room>
  }
  listen(channel: string, listener: Listener<RoomEvent>): () => void
  earcon(name: 'may-speak' | 'moved-back'): void
}
