import { Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import type { Listener } from './connection'

/** How a live scope stands with the server. What was read before stays beside it. */
export type Condition =
  | { status: 'loading' }
  | { status: 'ready' }
  | { status: 'offline' }
  | { status: 'error'; problem: Problem }

export type Live<S> = S & Condition

/** The pure part of a live scope. S: the state, E: an event, A: what reading answers. */
export interface Reducer<S, E, A> {
  initial: S
  /** Puts an answer onto what is known, which may be newer: answers and events overtake each other. */
  merge(known: S, answer: A): S
  /**
   * One event: the next state, the same object if the event is old, or 'gap' if one before it is
   * missing. An event may be applied twice.
   */
  apply(known: S, event: E): S | 'gap'
  /** Whether the event only tells that something has changed: then the snapshot is read again. */
  isStale?(known: S, event: E): boolean
  /** The order of events that had to wait; none: as they came. */
  compare?(a: E, b: E): number
}

/** The effects of a live scope. Tests bring their own. */
export interface LiveDeps<S, E, A> {
  /**
   * Reads the state. With `known`, what has changed since that is enough: events were missed, and
   * nothing else. A scope that cannot tell that apart reads the whole.
   */
  read(known?: S): Promise<A>
  listen(listener: Listener<E>): () => void
  later(fn: () => void, ms: number): () => void
  /** Calls fn whenever the browser says that the network has gone (false) or is back (true). */
  onNetwork(fn: (there: boolean) => void): () => void
  /** Called after an event has changed the state. */
  onEvent?(event: E): void
  /** Called after an answer was merged. */
  onAnswer?(answer: A): void
  /** Called when a read has failed, before the next try. */
  onFailure?(problem: Problem): void
  /** Keeps what was read beyond this page. Until the first answer it is shown in its place. */
  kept?: { load(): Promise<A | undefined>; save(known: S): void }
  /** Keep the state when the last user has gone. Without: the next one here may be somebody else. */
  keepsState?: boolean
  /** Tell a failed read also while an older answer stands. Without: the status stays 'ready'. */
  tellsFailures?: boolean
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 8000
const loading: Condition = { status: 'loading' }
const ready: Condition = { status: 'ready' }

/**
 * LiveStore keeps a snapshot of the server's state true to the events about it, while anybody uses it.
 *
 * There is one read at a time; a read asked for meanwhile follows it, for the answer under way may be
 * older than the wish. Events are applied at once where they follow, and once more onto the answer
 * of a read under way; one behind a gap waits for the next answer. A failed read is tried again with
 * growing pauses, unless the server has refused it.
 */
export class LiveStore<S extends object, E, A> implements Readable<Live<S>> {
  readonly #state: Writable<Live<S>>
  readonly get: () => Live<S>
  readonly subscribe: (changed: () => void) => () => void
  #known: S
  #condition = loading
  #held: E[] = []
  #reading: Promise<void> | undefined
  #again = false
  /** Whether the next read is of the whole state, not of what was missed. */
  #whole = false
  #pause = FIRST_PAUSE_MS
  #cancelRetry: (() => void) | undefined
  #users = 0
  /** Counts starts, so that a late answer of an earlier one is not taken for the current one's. */
  #epoch = 0
  #unlisten: (() => void) | undefined
  #unwatch: (() => void) | undefined

  constructor(
    private readonly reducer: Reducer<S, E, A>,
    private readonly deps: LiveDeps<S, E, A>,
  ) {
    this.#known = reducer.initial
    this.#state = new Writable({ ...this.#known, ...this.#condition })
    this.get = this.#state.get
    this.subscribe = this.#state.subscribe
  }

  /** Live until the returned function is called. Reads, unless an answer was taken before. */
  start = (): (() => void) => {
    this.#users++
    if (this.#users === 1) this.#open()
    let done = false
    return () => {
      if (done) return
      done = true
      this.#users--
      if (this.#users === 0) this.#close()
    }
  }

  /** Reads the whole state again: something may be otherwise of which no event tells. */
  refresh = (): Promise<void> => {
    this.#whole = true
    return this.#catchUp()
  }

  /** Reads what was missed. */
  #catchUp(): Promise<void> {
    if (this.#users === 0) return Promise.resolve()
    if (this.#reading) this.#again = true
    this.#reading ??= this.#read(this.#epoch)
    return this.#reading
  }

  /** Reads again because a person has asked: a failure is out of sight until it is known anew. */
  retry = (): Promise<void> => {
    if (this.#condition !== ready) this.#set(this.#known, loading)
    return this.refresh()
  }

  /** An answer from elsewhere: to a command, or to joining. */
  take = (answer: A): void => {
    this.#set(this.reducer.merge(this.#known, answer), ready)
    this.deps.onAnswer?.(answer)
  }

  /** An event that came another way than by the channel, such as in the answer to a command. */
  hear = (event: E): void => this.#heard(event)

  /** A change made here, which the server is told of or need not know. */
  update = (change: (known: S) => S): void => this.#set(change(this.#known))

  /**
   * Runs a command and hands its answer on. Refused or lost, our picture may not be the server's: it
   * is read again. Never rejects: it resolves with what went wrong, or with nothing.
   */
  command = async <T>(
    run: () => Promise<T>,
    took: (answer: T) => void,
  ): Promise<Problem | undefined> => {
    const epoch = this.#epoch
    try {
      const answer = await run()
      if (epoch === this.#epoch) took(answer)
      return undefined
    } catch (thrown) {
      if (epoch !== this.#epoch) return undefined
      const problem = Problem.of(thrown)
      void this.refresh()
      return problem.code === 'command.applied' ? undefined : problem
    }
  }

  /** Listens, or listens anew: the channel may have been taken from us. */
  listen(): void {
    this.#unlisten?.()
    this.#unlisten = this.deps.listen({
      event: (event) => this.#heard(event),
      missed: () => void this.#catchUp(),
      // Not ours any more: the answer tells why.
      refused: () => void this.refresh(),
    })
  }

  #open(): void {
    this.listen()
    this.#unwatch = this.deps.onNetwork((there) => {
      if (!there || !this.#cancelRetry) return
      this.#pause = FIRST_PAUSE_MS
      void this.#catchUp()
    })
    if (this.#condition === ready) return
    void this.#recall(this.#epoch)
    void this.refresh()
  }

  async #recall(epoch: number): Promise<void> {
    const answer = await this.deps.kept?.load()
    if (answer === undefined || epoch !== this.#epoch || this.#condition === ready) return
    this.#set(this.reducer.merge(this.#known, answer))
  }

  #close(): void {
    this.#epoch++
    this.#reading = undefined
    this.#again = false
    this.#whole = false
    this.#held = []
    this.#pause = FIRST_PAUSE_MS
    this.#dropRetry()
    this.#unlisten?.()
    this.#unwatch?.()
    this.#set(this.deps.keepsState ? this.#known : this.reducer.initial, loading)
  }

  #heard(event: E): void {
    const epoch = this.#epoch
    const stale = this.reducer.isStale?.(this.#known, event)
    const follows = this.#apply(event)
    if (epoch !== this.#epoch) return
    if (this.#reading || !follows) this.#held.push(event)
    if (stale) void this.refresh()
    else if (!(follows || this.#reading || this.#cancelRetry)) void this.#catchUp()
  }

  /** Whether the event follows what is known. */
  #apply(event: E): boolean {
    const next = this.reducer.apply(this.#known, event)
    if (next === 'gap') return false
    if (next === this.#known) return true
    this.#set(next)
    this.deps.onEvent?.(event)
    return true
  }

  async #read(epoch: number): Promise<void> {
    this.#dropRetry()
    do {
      this.#again = false
      const whole = this.#whole || this.#condition !== ready
      this.#whole = false
      const got = await this.deps.read(whole ? undefined : this.#known).then(
        (answer) => ({ answer }),
        (thrown: unknown) => Problem.of(thrown),
      )
      if (epoch !== this.#epoch) return
      if (got instanceof Problem) {
        this.#whole ||= whole
        this.#failed(got)
      } else {
        this.#pause = FIRST_PAUSE_MS
        this.take(got.answer)
        this.#applyHeld(epoch)
      }
      if (epoch !== this.#epoch) return
    } while (this.#again)
    this.#reading = undefined
  }

  #applyHeld(epoch: number): void {
    const events = this.#held
    if (this.reducer.compare) events.sort(this.reducer.compare)
    this.#held = []
    for (const event of events) {
      if (epoch !== this.#epoch) return
      if (!this.#apply(event)) this.#held.push(event)
    }
    if (this.#held.length > 0) this.#again = true
  }

  #failed(problem: Problem): void {
    const epoch = this.#epoch
    if (this.#condition !== ready || this.deps.tellsFailures) {
      const offline = problem.code === 'offline'
      this.#set(this.#known, offline ? { status: 'offline' } : { status: 'error', problem })
    }
    this.deps.onFailure?.(problem)
    if (epoch !== this.#epoch || problem.isRefusal) return
    this.#again = false
    this.#cancelRetry = this.deps.later(() => {
      this.#cancelRetry = undefined
      void this.#catchUp()
    }, this.#pause)
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
  }

  #dropRetry(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
  }

  #set(known: S, condition = this.#condition): void {
    if (known === this.#known && condition === this.#condition) return
    if (condition === ready && known !== this.#known) this.deps.kept?.save(known)
    this.#known = known
    this.#condition = condition
    this.#state.set({ ...known, ...condition })
  }
}
