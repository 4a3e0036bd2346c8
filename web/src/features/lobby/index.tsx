export { FindPage } from './FindPage'
export { LobbyPage } from './LobbyPage'
export { RoomRows } from './RoomRows'
export { StartRoom } from './StartRoom'
