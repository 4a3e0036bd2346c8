import {
  answer,
  api,
  type Chosen,
  type Counts,
  type Deck as Dealt,
  type DiscoverCard,
  me,
  Problem,
  type Store,
} from '../../api'
import { onBlocked } from '../../people'
import { matches } from '../../realtime/matches'
import { settlesInMs } from '../../ui'
import { Writable } from '../../ui/store'
import type { Choice } from './swipe'

export interface DeckState {
  /**
   * 'closed': the server wants to know more about this person first; see Me.needs.
   * 'paused': they are not in Discover, by their own wish.
   * 'limited': they have as many conversations open as they chose.
   */
  status: 'loading' | 'ready' | 'closed' | 'paused' | 'limited' | 'error' | 'offline'
  /** The server is being asked. */
  dealing: boolean
  /** The first is the one to choose about now. */
  cards: readonly DiscoverCard[]
  likesLeft: number
  /** There when the server had fewer people than asked for. */
  thin: Counts | undefined
  alert: boolean
  /** The choice that can be taken back. */
  last: { card: DiscoverCard; choice: Choice } | undefined
  /** Why the last command came to nothing. */
  problem: Problem | undefined
}

export interface DeckDeps {
  deal(most: number): Promise<Dealt>
  choose(card: DiscoverCard, choice: Choice): Promise<Chosen>
  /** Of whom the choice was taken back. */
  undo(): Promise<string>
  alert(on: boolean): Promise<void>
  matched(match: NonNullable<Chosen['match']>): void
  now(): number
}

const most = 20
const refillBelow = 6
/** The server lets a choice be taken back within ten minutes; a little less is honest. */
const undoWithinMs = 9.5 * 60_000
/** Addresses of clips live five minutes: a deck as old as this is dealt again when looked at. */
const freshForMs = 2 * 60_000

const start: DeckState = {
  status: 'loading',
  dealing: false,
  cards: [],
  likesLeft: Number.POSITIVE_INFINITY,
  thin: undefined,
  alert: false,
  last: undefined,
  problem: undefined,
}

/**
 * Who fits, one after another. The next card is there at once: choices are told to the server
 * behind the person's back, in order, and come back if the server refuses them.
 */
export class Deck implements Store<DeckState> {
  readonly #state = new Writable<DeckState>(start)
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  /** Chosen about, here: an answer on its way may still hold them. */
  #done = new Set<string>()
  #dealing: Promise<void> | undefined
  #dealtAt = Number.NEGATIVE_INFINITY
  #told: Promise<void> = Promise.resolve()
  #chosenAt = 0
  /** Since when the card on top is there; long ago if it took nobody's place. */
  #topSince = Number.NEGATIVE_INFINITY

  constructor(private readonly deps: DeckDeps) {}

  /** Looked at: deals unless there is something here, and fresh. */
  open = (): void => {
    const { status, cards } = this.get()
    if (status === 'ready' && cards.length > 0 && this.deps.now() - this.#dealtAt < freshForMs)
      return
    void this.deal()
  }

  /** Preferences have changed, or the person wants another try. */
  again = (): Promise<void> => {
    this.#set({ status: 'loading', cards: [], thin: undefined, problem: undefined })
    const before = this.#dealing ?? Promise.resolve()
    return before.then(() => this.deal(true))
  }

  deal = (anew = false): Promise<void> => {
    if (!this.#dealing) {
      this.#set({ dealing: true })
      this.#dealing = this.#deal(anew).finally(() => {
        this.#dealing = undefined
        this.#set({ dealing: false })
      })
    }
    return this.#dealing
  }

  /** The address of somebody's clip, new. */
  renew = async (person: string, place: number): Promise<string | undefined> => {
    await this.deal()
    const card = this.get().cards.find((c) => c.person.id === person)
    return card?.person.clips.find((clip) => clip.place === place)?.url
  }

  /** This person's card is on top, and has been for long enough to be meant by a tap. */
  settled = (person: string): boolean =>
    this.get().cards[0]?.person.id === person && this.deps.now() - this.#topSince >= settlesInMs

  choose = (choice: Choice): void => {
    const { cards } = this.get()
    const [card] = cards
    if (!card) return
    const id = card.person.id
    this.#done.add(id)
    this.#chosenAt = this.deps.now()
    this.#set({ cards: cards.slice(1), last: { card, choice }, problem: undefined })
    this.#told = this.#told.then(() => this.#tell(card, choice))
    this.#refill()
  }

  /** Gives the last card back. A match stays a match. */
  undo = (): Promise<void> => {
    const { last } = this.get()
    if (!last || !this.canUndo()) return Promise.resolve()
    this.#set({ last: undefined, problem: undefined })
    this.#told = this.#told.then(async () => {
      // The choice itself was refused meanwhile: the card is back already.
      if (!this.#done.has(last.card.person.id)) return
      try {
        const id = await this.deps.undo()
        this.#done.delete(id)
        const { card } = last
        // Another window chose after us: the server took that one back.
        if (id !== card.person.id) return void this.deal()
        this.#set({ cards: [card, ...this.#without(id)] })
      } catch (thrown) {
        this.#set({ problem: Problem.of(thrown) })
      }
    })
    return this.#told
  }

  canUndo = (): boolean =>
    this.get().last !== undefined && this.deps.now() - this.#chosenAt < undoWithinMs

  /** On to somebody without choosing; the cards before theirs come round again. */
  turnTo = (person: string): void => {
    const { cards } = this.get()
    const at = cards.findIndex((c) => c.person.id === person)
    if (at > 0) this.#set({ cards: [...cards.slice(at), ...cards.slice(0, at)] })
  }

  /** Blocked, reported or gone. */
  drop = (person: string): void => {
    this.#done.add(person)
    const { last } = this.get()
    this.#set({
      cards: this.#without(person),
      ...(last?.card.person.id === person ? { last: undefined } : {}),
    })
    this.#refill()
  }

  setAlert = async (on: boolean): Promise<void> => {
    this.#set({ alert: on, problem: undefined })
    try {
      await this.deps.alert(on)
    } catch (thrown) {
      this.#set({ alert: !on, problem: Problem.of(thrown) })
    }
  }

  /** Somebody else may sit here next. */
  close = (): void => {
    this.#done.clear()
    this.#dealtAt = Number.NEGATIVE_INFINITY
    this.#state.set(start)
  }

  #set(more: Partial<DeckState>): void {
    const before = this.get().cards[0]?.person.id
    const next = { ...this.get(), ...more }
    const top = next.cards[0]?.person.id
    if (top !== before) {
      this.#topSince = before === undefined ? Number.NEGATIVE_INFINITY : this.deps.now()
    }
    this.#state.set(next)
  }

  #without(person: string): readonly DiscoverCard[] {
    return this.get().cards.filter((c) => c.person.id !== person)
  }

  #refill(): void {
    const { cards, thin } = this.get()
    // A thin deck was all there is; its end is the time to look once more.
    if (cards.length < refillBelow && (!thin || cards.length === 0)) void this.deal()
  }

  async #deal(anew: boolean): Promise<void> {
    try {
      const dealt = await this.deps.deal(most)
      this.#dealtAt = this.deps.now()
      if (dealt.limited) {
        this.#set({ status: 'limited', cards: [], likesLeft: dealt.likes_left })
        return
      }
      const fresh = new Map(
        dealt.cards.filter((c) => !this.#done.has(c.person.id)).map((c) => [c.person.id, c]),
      )
      // Whoever is on top stays there, whatever the server says meanwhile: nothing changes under a thumb.
      const [top, ...rest] = anew ? [] : this.get().cards
      const kept = rest.filter((c) => fresh.has(c.person.id))
      const known = [...(top ? [top] : []), ...kept].map((c) => fresh.get(c.person.id) ?? c)
      const ids = new Set(known.map((c) => c.person.id))
      const added = [...fresh.values()].filter((c) => !ids.has(c.person.id))
      this.#set({
        status: 'ready',
        cards: [...known, ...added],
        likesLeft: dealt.likes_left,
        thin: dealt.thin,
        alert: dealt.alert,
      })
    } catch (thrown) {
      const problem = Problem.of(thrown)
      if (problem.code === 'discover.incomplete') this.#set({ status: 'closed', cards: [] })
      else if (problem.code === 'discover.paused') this.#set({ status: 'paused', cards: [] })
      // Cards that are here can still be chosen about.
      else if (this.get().cards.length === 0) {
        this.#set({ status: problem.code === 'offline' ? 'offline' : 'error', problem })
      }
    }
  }

  /** A card that was looked at for very long is taken anew, if it is still served. */
  async #send(card: DiscoverCard, choice: Choice): Promise<Chosen> {
    try {
      return await this.deps.choose(card, choice)
    } catch (thrown) {
      if (Problem.of(thrown).code !== 'card.stale') throw thrown
      const { cards } = await this.deps.deal(most)
      const anew = cards.find((c) => c.person.id === card.person.id)
      if (!anew) throw thrown
      return await this.deps.choose(anew, choice)
    }
  }

  async #tell(card: DiscoverCard, choice: Choice): Promise<void> {
    const id = card.person.id
    try {
      const chosen = await this.#send(card, choice)
      this.#set({ likesLeft: chosen.likes_left })
      if (!chosen.match) return
      if (this.get().last?.card === card) this.#set({ last: undefined })
      this.deps.matched(chosen.match)
    } catch (thrown) {
      const problem = Problem.of(thrown)
      if (this.get().last?.card === card) this.#set({ last: undefined })
      // Lay here too long and is not served any more: that is worth a word, and no way back.
      if (problem.code === 'card.stale') return this.#set({ problem })
      // Gone meanwhile, or told already by a try whose answer was lost.
      if (problem.status === 404 || problem.code === 'command.applied') return
      this.#done.delete(id)
      if (problem.code === 'chat.limit') return this.#set({ status: 'limited', cards: [] })
      this.#set({ cards: [card, ...this.#without(id)], problem })
      if (problem.code === 'likes.spent') this.#set({ likesLeft: 0 })
    }
  }
}

export const deck = new Deck({
  deal: (many) => answer(api.GET('/api/discover', { params: { query: { most: many } } })),
  choose: ({ person, ticket = '' }, choice) =>
    answer(
      api.PUT('/api/discover/{person}', {
        params: { path: { person: person.id } },
        body: { choice, ticket },
      }),
    ),
  undo: async () => (await answer(api.POST('/api/discover/undo'))).person_id,
  async alert(on) {
    await api.PUT('/api/discover/alert', { body: { on } })
  },
  matched: matches.matched,
  now: () => Date.now(),
})

onBlocked(deck.drop)
me.subscribe(() => {
  if (me.get().status === 'out') deck.close()
})
