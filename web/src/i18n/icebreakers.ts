import { language, pick } from '.'

type Kind = 'question' | 'would_you_rather' | 'game'

export interface Icebreaker {
  kind: Kind
  text: string
}

/** What two people can talk about, by the server's keys (internal/meet/call/cards.go). */
type Deck = Readonly<Record<Kind, Readonly<Record<string, string>>>>

const decks = import.meta.glob<{ default: Deck }>('./icebreakers/*.json')

const tag = (path: string) => path.slice('./icebreakers/'.length, -'.json'.length)

/** In the language shown; fetched when two people talk, not before. */
export async function loadIcebreakers(
  of: string = language(),
): Promise<ReadonlyMap<string, Icebreaker>> {
  const known = pick([of], Object.keys(decks).map(tag))
  const deck = (await decks[`./icebreakers/${known}.json`]?.())?.default
  const cards = new Map<string, Icebreaker>()
  for (const kind of ['question', 'would_you_rather', 'game'] as const) {
    for (const [key, text] of Object.entries(deck?.[kind] ?? {})) cards.set(key, { kind, text })
  }
  return cards
}
