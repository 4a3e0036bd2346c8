import type { Card, Person } from '../api'

/** Who somebody follows and who their friends are. */
export interface Yours {
  following: ReadonlySet<string>
  friends: ReadonlySet<string>
}

const known = ({ following, friends }: Yours, person: string): boolean =>
  following.has(person) || friends.has(person)

/** Those on the stage of a room whom somebody follows, or who are their friends. Who listens is shown to nobody. */
export const yoursIn = (card: Card, yours: Yours): readonly Person[] =>
  card.speakers.filter(({ id }) => known(yours, id))

/** All of them, each once: friends first, and then as the rooms stand. */
export function yourPeople(
  cards: readonly Card[],
  yours: Yours,
): readonly { person: Person; card: Card }[] {
  const found = new Map<string, { person: Person; card: Card }>()
  for (const card of cards) {
    for (const person of yoursIn(card, yours)) {
      if (!found.has(person.id)) found.set(person.id, { person, card })
    }
  }
  const friend = ({ person }: { person: Person }) => Number(yours.friends.has(person.id))
  return [...found.values()].sort((a, b) => friend(b) - friend(a))
}
