import { type Bonds as Answer, answer, api, type OwnEvent, type Problem } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { type LiveDeps, LiveStore, type Reducer } from './liveStore'

/** The people that are something to this person, by their ids. */
export interface BondSet {
  following: ReadonlySet<string>
  friends: ReadonlySet<string>
  /** Follows (true) and their ends (false) on the way to the server, which knows nothing of them yet. */
  going: ReadonlyMap<string, boolean>
  /** How often a list of people changed: one that was read before may be old. */
  changes: number
}

const none: BondSet = { following: new Set(), friends: new Set(), going: new Map(), changes: 0 }

const put = (set: ReadonlySet<string>, person: string, inside: boolean): ReadonlySet<string> => {
  if (set.has(person) === inside) return set
  const next = new Set(set)
  if (inside) next.add(person)
  else next.delete(person)
  return next
}

const tell = (known: BondSet, person: string, following: boolean, friend: boolean): BondSet => ({
  ...known,
  following: put(known.following, person, known.going.get(person) ?? following),
  friends: put(known.friends, person, friend),
  changes: known.changes + 1,
})

/** What was pressed shows at once. */
export const begin = (known: BondSet, person: string, on: boolean): BondSet => ({
  ...known,
  following: put(known.following, person, on),
  going: new Map(known.going).set(person, on),
})

/** The server has answered: the person is followed, or is not. */
export function settle(known: BondSet, person: string, on: boolean): BondSet {
  const going = new Map(known.going)
  going.delete(person)
  return { ...known, following: put(known.following, person, on), going }
}

/** Blocked, reported or gone. */
export const drop = (known: BondSet, person: string): BondSet =>
  tell(settle(known, person, false), person, false, false)

export const bondReducer: Reducer<BondSet, OwnEvent, Answer> = {
  initial: none,
  merge(known, answered) {
    let following: ReadonlySet<string> = new Set(answered.following)
    for (const [person, on] of known.going) following = put(following, person, on)
    return { ...known, following, friends: new Set(answered.friends), changes: known.changes + 1 }
  },
  apply(known, event) {
    switch (event.type) {
      case 'bond':
        return tell(known, event.person_id, event.following, event.friend)
      case 'matched':
        return tell(known, event.person.id, known.following.has(event.person.id), true)
      case 'match_ended':
        return drop(known, event.person_id)
      case 'followers':
        return { ...known, changes: known.changes + 1 }
      default:
        return known
    }
  },
}

export interface BondsDeps
  extends Pick<LiveDeps<BondSet, OwnEvent, Answer>, 'read' | 'listen' | 'later' | 'onNetwork'> {
  /** Tells the server. */
  send(person: string, on: boolean): Promise<unknown>
}

/** Whom this person follows and who their friends are, kept true to what the server tells. */
export class Bonds extends LiveStore<BondSet, OwnEvent, Answer> {
  readonly #send: BondsDeps['send']

  constructor({ send, ...deps }: BondsDeps) {
    super(bondReducer, deps)
    this.#send = send
  }

  /** Follows somebody, or does not any more. Resolves with what went wrong; then all is as before. */
  follow = async (person: string, on: boolean): Promise<Problem | undefined> => {
    if (this.get().going.has(person)) return undefined
    const before = this.get().following.has(person)
    this.update((known) => begin(known, person, on))
    const problem = await this.command(
      () => this.#send(person, on),
      () => {},
    )
    // Whom there is no way to follow cannot be followed any more: what was asked for.
    const ended = !on && problem?.code === 'person.unknown'
    this.update((known) => settle(known, person, problem && !ended ? before : on))
    return ended ? undefined : problem
  }

  /** Blocked or reported. */
  drop = (person: string): void => this.update((known) => drop(known, person))
}

export const bonds = new Bonds({
  ...environment,
  read: () => answer(api.GET('/api/me/bonds')),
  listen: listenOwn,
  send(person, on) {
    const of = { params: { path: { person } } }
    return on
      ? api.PUT('/api/people/{person}/follow', of)
      : api.DELETE('/api/people/{person}/follow', of)
  },
})
