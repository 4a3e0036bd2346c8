import type { Match, OwnEvent, Person } from '../api'
import type { Reducer } from './liveStore'

export interface MatchList {
  /** The newest first. */
  matches: readonly Match[]
  /** Those of them that came after the last look at the list. */
  unseen: number
  /** Somebody to tell about now; see celebrated. */
  moment: Person | undefined
  /** When the newest match was made that this person has seen in the list, unix ms. */
  seenAt: number
  /** Whoever was told about once: by the answer to our like, or by the event. */
  told: ReadonlySet<string>
  /** Told about by the screen that stands: see claim. */
  claimed: ReadonlySet<string>
  /** Ended, blocked or reported: an older list may still hold them. */
  gone: ReadonlySet<string>
}

export interface MatchAnswer {
  matches: readonly Match[]
  seenAt: number
}

export const noMatches: MatchList = {
  matches: [],
  unseen: 0,
  moment: undefined,
  seenAt: 0,
  told: new Set(),
  claimed: new Set(),
  gone: new Set(),
}

function list(known: MatchList, found: readonly Match[], seenAt = known.seenAt): MatchList {
  const matches = found.filter((m) => !known.gone.has(m.person.id)).sort((a, b) => b.at - a.at)
  return { ...known, matches, seenAt, unseen: matches.filter((m) => m.at > seenAt).length }
}

/** The moment is over. */
export const celebrated = (known: MatchList): MatchList => ({ ...known, moment: undefined })

const notAbout = (known: MatchList, person: string) =>
  known.moment?.id === person ? celebrated(known) : known

export const put = (known: MatchList, match: Match): MatchList =>
  list(known, [match, ...known.matches.filter((m) => m.person.id !== match.person.id)])

export const drop = (known: MatchList, person: string): MatchList =>
  list(notAbout({ ...known, gone: new Set(known.gone).add(person) }, person), known.matches)

/** Tells of a match, once, unless a screen shows it by itself. */
export function tell(known: MatchList, person: Person): MatchList {
  if (known.told.has(person.id)) return known
  const told = new Set(known.told).add(person.id)
  return { ...known, told, moment: known.claimed.has(person.id) ? known.moment : person }
}

export const claim = (known: MatchList, person: string): MatchList =>
  notAbout({ ...known, claimed: new Set(known.claimed).add(person) }, person)

export function unclaim(known: MatchList, person: string): MatchList {
  const claimed = new Set(known.claimed)
  claimed.delete(person)
  return { ...known, claimed }
}

/** The list has been looked at. */
export const look = (known: MatchList): MatchList =>
  list(known, known.matches, Math.max(known.seenAt, ...known.matches.map((m) => m.at)))

export const matchReducer: Reducer<MatchList, OwnEvent, MatchAnswer> = {
  initial: noMatches,
  merge: (known, { matches, seenAt }) => list(known, matches, seenAt),
  apply(known, event) {
    if (event.type === 'matched') return tell(known, event.person)
    if (event.type === 'match_ended') return drop(known, event.person_id)
    return known
  },
  isStale: (_, { type }) => type === 'matched' || type === 'match_changed',
}
