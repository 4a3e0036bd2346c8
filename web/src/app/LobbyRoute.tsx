import { LobbyPage } from '../features/lobby'
import { Upcoming } from '../features/schedule'

/** The lobby, with what comes later below it. */
export function LobbyRoute() {
  return <LobbyPage below={<Upcoming />} />
}
