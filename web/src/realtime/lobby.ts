import { answer, api, type Card, type Store } from '../api'
import { applyCard, applyList, type Cards, type LobbyEvent, noCards } from './cards'
import { listen } from './connection'
import { environment } from './environment'
import { LiveStore } from './liveStore'

export interface LobbyState {
  status: 'loading' | 'ready' | 'error' | 'offline'
  cards: readonly Card[]
}

/** The live rooms, as cards. */
export interface Lobby extends Store<LobbyState> {
  /** Live until the returned function is called. Several screens may want it at once. */
  start(): () => void
  /** Reads again because a person has asked. */
  retry(): Promise<void>
}

/** The cards stay when nobody looks: a room that is being entered is shown by its card. */
export const lobby: Lobby = new LiveStore<Cards, LobbyEvent, readonly Card[]>(
  { initial: noCards, merge: applyList, apply: applyCard },
  {
    ...environment,
    read: async () => (await answer(api.GET('/api/rooms'))).rooms,
    listen: (listener) => listen('lobby', listener),
    keepsState: true,
    tellsFailures: true,
  },
)
