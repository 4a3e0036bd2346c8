export { LobbyPage } from './LobbyPage'
