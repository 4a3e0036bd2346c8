import type { Card, CardEndedEvent, CardEvent } from '../api/types'

export type LobbyEvent = CardEvent | CardEndedEvent

export interface Cards {
  cards: readonly Card[]
  /** Rooms that have ended, by the seq of their end: an older answer must not bring them back. */
  ended: ReadonlyMap<string, number>
}

export const noCards: Cards = { cards: [], ended: new Map() }

/**
 * A card keeps its place when it changes, so that nothing moves under a thumb. A new room comes
 * first: it is the news.
 */
export function applyCard(state: Cards, event: LobbyEvent): Cards {
  if (event.type === 'ended') {
    const ended = new Map(state.ended).set(event.room_id, event.seq)
    return { cards: state.cards.filter((c) => c.id !== event.room_id), ended }
  }
  const { card } = event
  if (state.ended.has(card.id)) return state
  const at = state.cards.findIndex((c) => c.id === card.id)
  if (at < 0) return { ...state, cards: [card, ...state.cards] }
  const known = state.cards[at]
  if (known && known.seq >= card.seq) return state
  return { ...state, cards: state.cards.map((c, i) => (i === at ? card : c)) }
}

/** The server's list, in its order, with what we already know better. */
export function applyList(state: Cards, list: readonly Card[]): Cards {
  const known = new Map(state.cards.map((c) => [c.id, c]))
  const cards = list
    .filter((c) => !state.ended.has(c.id))
    .map((c) => {
      const mine = known.get(c.id)
      return mine && mine.seq > c.seq ? mine : c
    })
  return { cards, ended: state.ended }
}
