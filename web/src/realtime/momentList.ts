import type { MomentAuthor, OwnEvent, OwnMoment } from '../api'
import type { Reducer } from './liveStore'

export interface MomentList {
  /** One's own, the oldest first. */
  mine: readonly OwnMoment[]
  /** Those with something unheard first, whoever posted last before the others. */
  people: readonly MomentAuthor[]
  /** Blocked, reported or unmatched: an older answer may still hold them. */
  gone: ReadonlySet<string>
}

export const noMoments: MomentList = { mine: [], people: [], gone: new Set() }

export interface MomentsAnswer {
  mine: readonly OwnMoment[]
  people: readonly MomentAuthor[]
}

export const isUnheard = ({ moments }: MomentAuthor): boolean => moments.some((m) => !m.heard)

/** What this page has heard may be unknown to an answer that was on its way. */
function stillHeard(known: MomentList, people: readonly MomentAuthor[]): MomentAuthor[] {
  const heard = new Set(
    known.people.flatMap(({ moments }) => moments.filter((m) => m.heard).map((m) => m.id)),
  )
  return people.map((one) => ({
    ...one,
    moments: one.moments.map((m) => (heard.has(m.id) ? { ...m, heard: true } : m)),
  }))
}

export const momentsReducer: Reducer<MomentList, OwnEvent, MomentsAnswer> = {
  initial: noMoments,
  merge: (known, { mine, people }) => ({
    ...known,
    mine,
    people: stillHeard(
      known,
      people.filter(({ person }) => !known.gone.has(person.id)),
    ),
  }),
  apply: (known, event) => (event.type === 'match_ended' ? drop(known, event.person_id) : known),
  isStale: (_, event) => event.type === 'moments' || event.type === 'matched',
}

export const drop = (known: MomentList, person: string): MomentList => ({
  ...known,
  people: known.people.filter((one) => one.person.id !== person),
  gone: new Set(known.gone).add(person),
})

export const setHeard = (known: MomentList, moment: string): MomentList => ({
  ...known,
  people: known.people.map((one) =>
    one.moments.some((m) => m.id === moment && !m.heard)
      ? { ...one, moments: one.moments.map((m) => (m.id === moment ? { ...m, heard: true } : m)) }
      : one,
  ),
})

/** Removed, expired, or not to be heard any more. */
export const without = (known: MomentList, moment: string): MomentList => ({
  ...known,
  mine: known.mine.filter((m) => m.id !== moment),
  people: known.people
    .map((one) => ({ ...one, moments: one.moments.filter((m) => m.id !== moment) }))
    .filter(({ moments }) => moments.length > 0),
})

export const posted = (known: MomentList, moment: OwnMoment): MomentList => ({
  ...known,
  mine: [...known.mine.filter((m) => m.id !== moment.id), moment],
})

/** Without what is over by now. */
export function live(known: MomentList, now: number): MomentList {
  const ids = [...known.mine, ...known.people.flatMap(({ moments }) => moments)]
    .filter((m) => m.expires_at <= now)
    .map((m) => m.id)
  return ids.reduce(without, known)
}
