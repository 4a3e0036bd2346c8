import { answer, api, type Match, me, type OwnEvent } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { type LiveDeps, LiveStore } from './liveStore'
import * as list from './matchList'
import { allPages } from './pages'
import { Snapshot } from './snapshots'

export interface MatchesDeps
  extends Omit<LiveDeps<list.MatchList, OwnEvent, list.MatchAnswer>, 'read'> {
  read(): Promise<readonly Match[]>
  /** When the newest match was made that this person has seen in the list, unix ms. */
  seen(): number
  remember(at: number): void
}

/** Whom this person likes and who likes them, kept true to what the server tells. */
export class Matches extends LiveStore<list.MatchList, OwnEvent, list.MatchAnswer> {
  readonly #remember: (at: number) => void

  constructor({ read, seen, remember, ...deps }: MatchesDeps) {
    super(list.matchReducer, {
      ...deps,
      read: async () => ({ matches: await read(), seenAt: seen() }),
    })
    this.#remember = remember
  }

  /** Our own like was the second one. */
  matched = (match: Match): void =>
    this.update((known) => list.tell(list.put(known, match), match.person))

  /** One of them as the server has just answered. */
  put = (match: Match): void => this.update((known) => list.put(known, match))

  /** Ended, blocked or reported: never again. */
  drop = (person: string): void => this.update((known) => list.drop(known, person))

  /** The moment is over. */
  celebrated = (): void => this.update(list.celebrated)

  /** A screen that shows by itself how it goes on with somebody: until the end, no moment for them. */
  claim = (person: string): (() => void) => {
    this.update((known) => list.claim(known, person))
    return () => this.update((known) => list.unclaim(known, person))
  }

  /** The list has been looked at. */
  look = (): void => {
    if (this.get().unseen === 0) return
    this.update(list.look)
    this.#remember(this.get().seenAt)
  }
}

/** Two people may use one browser. */
const remembered = () => {
  const state = me.get()
  return `heyy.chats-seen.${state.status === 'in' ? state.me.id : ''}`
}

/** All of them: the list is sorted and searched here. */
const readAll = () =>
  allPages(
    (query) => answer(api.GET('/api/matches', { params: { query } })),
    (page) => page.matches,
  )

const snapshot = new Snapshot<list.MatchAnswer>('matches')

export const matches = new Matches({
  ...environment,
  kept: {
    load: snapshot.load,
    save: ({ matches, seenAt }) => snapshot.save({ matches, seenAt }),
  },
  read: readAll,
  listen: listenOwn,
  seen() {
    try {
      return Number(localStorage.getItem(remembered()) ?? 0)
    } catch {
      return 0
    }
  },
  remember(at) {
    try {
      localStorage.setItem(remembered(), String(at))
    } catch {
      // Not remembered: the dot comes back, that is all.
    }
  },
})
