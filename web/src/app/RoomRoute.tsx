import { getRouteApi } from '@tanstack/react-router'
import { RoomPage } from '../features/room'

const route = getRouteApi('/inside/rooms/$room')

/** A new address is a new room: nothing of the last one may linger. */
export function RoomRoute() {
  const { room } = route.useParams()
  return <RoomPage key={room} roomId={room} />
}
