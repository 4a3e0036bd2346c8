import { LobbyPage } from '../features/lobby'

export function RoomRoute() {
  return <LobbyPage />
}
