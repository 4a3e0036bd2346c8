import type { Card, CardEvent, CardGoneEvent } from '../api/types'

export type LobbyEvent = CardEvent | CardGoneEvent

export interface Cards {
  cards: readonly Card[]
  /** Rooms that are gone, by their seq then: an older card or answer must not bring them back. */
  gone: ReadonlyMap<string, number>
}

export const noCards: Cards = { cards: [], gone: new Map() }

const isGone = (state: Cards, card: Card) => (state.gone.get(card.id) ?? -1) > card.seq

/**
 * A card keeps its place when it changes, so that nothing moves under a thumb. A new room comes
 * first: it is the news. A room that is gone may come back: somebody came to it again, or it is
 * open to this person again.
 */
export function applyCard(state: Cards, event: LobbyEvent): Cards {
  if (event.type === 'gone') {
    const gone = new Map(state.gone).set(event.room_id, event.seq)
    return { cards: state.cards.filter((c) => c.id !== event.room_id), gone }
  }
  const { card } = event
  if (isGone(state, card)) return state
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
    .filter((c) => !isGone(state, c))
    .map((c) => {
      const mine = known.get(c.id)
      return mine && mine.seq > c.seq ? mine : c
    })
  return { cards, gone: state.gone }
}
