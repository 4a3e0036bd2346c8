import type { Card, Me, Person } from '../../api'
import { yoursIn } from '../../people/yours'

/** Who somebody follows and who their friends are. */
type Yours = Parameters<typeof yoursIn>[1]

export type PartOfDay = 'morning' | 'afternoon' | 'evening' | 'night'

export function partOfDay(hour: number): PartOfDay {
  if (hour < 5 || hour >= 23) return 'night'
  if (hour < 12) return 'morning'
  return hour < 18 ? 'afternoon' : 'evening'
}

/** Everybody in these rooms, on stage or listening. */
export function peopleIn(cards: readonly Card[]): number {
  return cards.reduce((sum, card) => sum + card.speakers.length + card.listeners, 0)
}

/** Who stands for a room: those on stage, or else the one who keeps it open. */
export function faces(card: Card): readonly Person[] {
  return card.speakers.length > 0 ? card.speakers : [card.host]
}

/** Interests that say something about a category. */
const likes: Partial<Record<Card['category'], readonly string[]>> = {
  sport: ['football', 'basketball', 'tennis', 'running', 'cycling', 'swimming', 'climbing'],
  karaoke: ['karaoke', 'singing', 'pop'],
  games: ['video_games', 'board_games', 'quizzes'],
  music: ['playing_music', 'jazz', 'rock', 'hip_hop', 'electronic_music', 'classical_music', 'pop'],
  languages: ['languages', 'travel'],
  work: ['startups', 'technology', 'science'],
  wellbeing: ['yoga', 'meditation', 'psychology'],
}

/** The interest of this person that speaks for this room. */
export function reason(card: Card, me: Pick<Me, 'interests'>): string | undefined {
  return likes[card.category]?.find((interest) => me.interests.includes(interest))
}

/** What stands in the light stays there as long as it is in the list: nothing moves under a thumb. */
export function heroOf(
  cards: readonly Card[],
  me: Pick<Me, 'interests' | 'language'>,
  before: string | undefined,
  yours: Yours,
): Card | undefined {
  return cards.find((card) => card.id === before) ?? nowFor(cards, me, yours)
}

/**
 * The room to show first: in a language this person speaks, with people they follow or are friends
 * with, or about something they like, and otherwise the liveliest, which is how the server sorts.
 */
export function nowFor(
  cards: readonly Card[],
  me: Pick<Me, 'interests' | 'language'>,
  yours: Yours,
): Card | undefined {
  // A door that asks for a PIN is nobody's first.
  const open = cards.filter((card) => card.access !== 'pin')
  const spoken = open.filter((card) => card.language === me.language)
  return (
    spoken.find((card) => yoursIn(card, yours).length > 0) ??
    spoken.find((card) => reason(card, me)) ??
    spoken[0] ??
    open[0] ??
    cards[0]
  )
}
