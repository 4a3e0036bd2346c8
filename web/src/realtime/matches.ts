import {
  answer,
  api,
  type Match,
  me,
  type OwnEvent,
  type Person,
  Problem,
  type Store,
} from '../api'
import { Writable } from '../ui/store'
import { listenOwn, type OwnListener } from './connection'

export interface MatchesState {
  status: 'loading' | 'ready' | 'error' | 'offline'
  /** The newest first. */
  matches: readonly Match[]
  /** Those of them that came after the last look at the list. */
  unseen: number
  /** Somebody to tell about now; see celebrated. */
  moment: Person | undefined
}

export interface MatchesEdge {
  read(): Promise<readonly Match[]>
  listen(owner: OwnListener): () => void
  /** When the newest match was made that this person has seen in the list, unix ms. */
  seen(): number
  remember(at: number): void
}

const empty: MatchesState = { status: 'loading', matches: [], unseen: 0, moment: undefined }

/** Whom this person likes and who likes them, kept true to what the server tells. */
export class Matches implements Store<MatchesState> {
  readonly #state = new Writable<MatchesState>(empty)
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  /** Whoever was told about once: by the answer to our like, or by the event. */
  #told = new Set<string>()
  /** Gone while a list was under way, which may still hold them. */
  #gone = new Set<string>()
  #reading: Promise<void> | undefined
  #again = false
  #users = 0
  #stop: (() => void) | undefined

  constructor(private readonly edge: MatchesEdge) {}

  /** Live until the returned function is called. */
  start = (): (() => void) => {
    this.#users++
    if (this.#users === 1) {
      void this.refresh()
      this.#stop = this.edge.listen({
        event: (said) => this.#heard(said),
        missed: () => void this.refresh(),
      })
    }
    let done = false
    return () => {
      if (done) return
      done = true
      this.#users--
      if (this.#users > 0) return
      this.#stop?.()
      // The next one here may be somebody else.
      this.#told.clear()
      this.#gone.clear()
      this.#state.set(empty)
    }
  }

  /** Asked for while reading, it reads once more: the first answer may be older than the wish. */
  refresh = (): Promise<void> => {
    if (this.#reading) this.#again = true
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined
      if (!this.#again) return
      this.#again = false
      return this.refresh()
    })
    return this.#reading
  }

  /** Our own like was the second one. */
  matched = (match: Match): void => {
    this.put(match)
    this.#tell(match.person)
  }

  /** One of them as the server has just answered. */
  put = (match: Match): void => {
    const others = this.get().matches.filter((m) => m.person.id !== match.person.id)
    this.#show([match, ...others])
  }

  /** Ended, blocked or reported: never again. */
  drop = (person: string): void => {
    this.#gone.add(person)
    const { moment, matches } = this.get()
    if (moment?.id === person) this.celebrated()
    this.#show(matches)
  }

  /** The moment is over. */
  celebrated = (): void => {
    this.#state.set({ ...this.get(), moment: undefined })
  }

  /** The list has been looked at. */
  look = (): void => {
    const newest = Math.max(0, ...this.get().matches.map((m) => m.at))
    if (newest <= this.edge.seen()) return
    this.edge.remember(newest)
    this.#show(this.get().matches)
  }

  #heard(said: OwnEvent): void {
    if (said.type === 'matched') {
      this.#tell(said.person)
      void this.refresh()
    } else if (said.type === 'match_changed') void this.refresh()
    else if (said.type === 'match_ended') this.drop(said.person_id)
  }

  #tell(person: Person): void {
    if (this.#told.has(person.id)) return
    this.#told.add(person.id)
    this.#state.set({ ...this.get(), moment: person })
  }

  async #read(): Promise<void> {
    try {
      const matches = await this.edge.read()
      if (this.#users > 0) this.#show(matches, 'ready')
    } catch (thrown) {
      const { code } = Problem.of(thrown)
      // What is there stays readable.
      if (this.get().status !== 'ready' && this.#users > 0) {
        this.#state.set({ ...this.get(), status: code === 'offline' ? 'offline' : 'error' })
      }
    }
  }

  #show(list: readonly Match[], status = this.get().status): void {
    const matches = list.filter((m) => !this.#gone.has(m.person.id)).sort((a, b) => b.at - a.at)
    const seen = this.edge.seen()
    this.#state.set({
      ...this.get(),
      status,
      matches,
      unseen: matches.filter((m) => m.at > seen).length,
    })
  }
}

/** Two people may use one browser. */
const remembered = () => {
  const state = me.get()
  return `heyy.chats-seen.${state.status === 'in' ? state.me.id : ''}`
}

export const matches = new Matches({
  read: async () => (await answer(api.GET('/api/matches'))).matches,
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
