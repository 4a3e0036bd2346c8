import type { Call, OwnEvent, QueueStatus } from '../api'
import type { OwnListener } from '../realtime/connection'
import { LiveStore, type Reducer } from '../realtime/liveStore'
import type { Readable } from '../ui/store'
import { ServerClock } from './call-clock'
import {
  type CallAudio,
  type CallFields,
  type CallsState,
  type Feedback,
  noAudio,
  type Tonight,
  together,
} from './call-state'
import { CallConnection } from './callConnection'
import type { CallDeps } from './callDeps'
import type { Outcome } from './state'

/** How often somebody who waits says so. */
const BEAT_MS = 20_000
/** When that did not get through. */
const BEAT_AGAIN_MS = 4000
/** Waiting that was cut off for longer than this, by sleep or a closed tab, is not taken up unasked. */
const RESUMED_WITHIN_MS = 10 * 60_000
/** The end of a state is the server's to tell; when no word of it came by then, we ask. */
const OVERDUE_MS = 1500
const LAST_MINUTE_MS = 60_000
/** A knock at the door while a friend calls. */
const KNOCK_MS = 3200

const nothing: CallFields = {
  queue: undefined,
  call: undefined,
  audio: noAudio,
  ringing: undefined,
  lapsed: false,
  lastMinute: false,
}

/** The queue as the server answered it, and when, own ms, it was asked. */
interface QueueAnswer {
  queue: QueueStatus
  asked: number
}

const open = (call: Call | undefined): call is Call => call !== undefined && call.state !== 'ended'

/** Events only tell that something has changed; the calls themselves are read. */
const reducer: Reducer<CallFields, OwnEvent, QueueAnswer> = {
  initial: nothing,
  merge: (known, { queue }) => ({ ...known, queue }),
  apply: (known) => known,
  isStale({ call }, event) {
    if (event.type === 'call') return call?.id !== event.call_id || event.seq > call.seq
    return event.type === 'queue' || event.type === 'call_fits'
  },
}

/**
 * Call, as one window sees it: waiting, a proposal, the conversation, and what comes after. It lives
 * outside React, so that walking around cuts nothing.
 */
export class CallStore implements Readable<CallsState> {
  readonly #live: LiveStore<CallFields, OwnEvent, QueueAnswer>
  readonly get: () => CallsState
  readonly subscribe: (changed: () => void) => () => void
  /** Live until the returned function is called. */
  readonly start: () => () => void
  readonly refresh: () => Promise<void>
  /** Reads again because a person has asked. */
  readonly retry: () => Promise<void>
  readonly clock: ServerClock
  #connection: CallConnection | undefined
  /** The call that this window offers from a room, which it leaves with their yes. */
  #offered: string | undefined
  /** Ended calls that were put away here. */
  #away = new Set<string>()
  /** When, own ms, the call was last told of: an older answer says nothing of its absence. */
  #calledAt = Number.NEGATIVE_INFINITY
  #timers = new Map<'beat' | 'overdue' | 'minute' | 'knock', () => void>()

  constructor(private readonly deps: CallDeps) {
    this.clock = new ServerClock(() => deps.own())
    this.#live = new LiveStore(reducer, {
      ...deps,
      read: () => this.#timed(() => deps.server.queue()),
      listen: (listener) => this.#open(listener),
      onAnswer: (answer) => this.#took(answer),
    })
    this.get = this.#live.get
    this.subscribe = this.#live.subscribe
    this.start = this.#live.start
    this.refresh = this.#live.refresh
    this.retry = this.#live.retry
  }

  #open(listener: OwnListener): () => void {
    const stops = [this.deps.listen(listener), this.deps.onVisible(() => this.#woke())]
    return () => {
      for (const stop of stops) stop()
      for (const timer of [...this.#timers.keys()]) this.#cancel(timer)
      this.#connection?.close()
      this.#connection = undefined
      // The next one here may be somebody else.
      this.#away.clear()
      this.#offered = undefined
      this.#calledAt = Number.NEGATIVE_INFINITY
    }
  }

  // Waiting.

  enter = (tonight: Tonight): Outcome => {
    const { call } = this.get()
    if (call?.state === 'ended') this.#putAway(call)
    // Whoever is found should not wait for the library; a part that is missing is told when connecting.
    void this.deps.media().catch(() => undefined)
    return this.#queueing(async () => {
      const queue = await this.deps.server.enter(tonight)
      this.deps.persisted.keepTonight({ tonight, at: queue.now })
      return queue
    })
  }

  cancel = (): Outcome => {
    this.deps.persisted.keepTonight(undefined)
    this.#cancel('beat')
    const { queue } = this.get()
    if (queue) this.#set({ queue: { ...queue, waiting: false } })
    return this.#queueing(() => this.deps.server.cancel())
  }

  setCallPrivacy = (call_privacy: QueueStatus['call_privacy']): Outcome => {
    const { queue } = this.get()
    if (queue) this.#set({ queue: { ...queue, call_privacy } })
    return this.#queueing(() => this.deps.server.callPrivacy(call_privacy))
  }

  setAlert = (on: boolean): Outcome => {
    const { queue } = this.get()
    if (queue) this.#set({ queue: { ...queue, alert: on } })
    return this.#queueing(() => this.deps.server.alert(on))
  }

  comeTo = (hour: string, coming: boolean): Outcome =>
    this.#queueing(() => this.deps.server.hour(hour, coming))

  // One call.

  /** Calls a match. */
  ring = async (person: string): Outcome => {
    if (open(this.get().call) || this.get().ringing) return undefined
    this.#set({ ringing: person })
    this.deps.leaveRoom()
    const problem = await this.#calling(async () => {
      const call = await this.deps.server.ring(person)
      this.deps.persisted.keepCall(call.id)
      return call
    })
    this.#set({ ringing: undefined })
    return problem
  }

  /** Calls somebody in the room of this window. We stay in it, and are connected nowhere else, until they say yes. */
  offer = async (person: string): Outcome => {
    if (open(this.get().call) || this.get().ringing) return undefined
    this.#set({ ringing: person })
    const problem = await this.#calling(async () => {
      const call = await this.deps.server.ring(person)
      this.#offered = call.id
      return call
    })
    this.#set({ ringing: undefined })
    return problem
  }

  /** Yes. The microphone opens here and now; who hears it, the server decides. */
  accept = async (): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'proposed' || call.accepted) return undefined
    this.deps.leaveRoom()
    this.deps.persisted.keepCall(call.id)
    this.deps.playback.resume()
    this.#show({ ...call, accepted: true })
    this.#connect(call.id)
    return this.#calling(() => this.deps.server.accept(call.id))
  }

  /** Not now. Nobody is told. */
  decline = async (): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'proposed') return undefined
    this.#letGo(call)
    this.#set({ call: undefined })
    const problem = await this.#calling(() => this.deps.server.decline(call.id))
    void this.refresh()
    return problem
  }

  /** Hangs up, or takes one's own ringing back. Asks nothing. */
  leave = async (): Outcome => {
    const { call } = this.get()
    if (!open(call)) return undefined
    const spoke = call.live_at !== undefined
    this.#letGo(call)
    if (!spoke) {
      this.#away.add(call.id)
      this.#set({ call: undefined })
    } else {
      this.#show({ ...call, state: 'ended', end_reason: 'left', ended_at: this.clock.now() })
    }
    return this.#calling(async () => {
      const over = await this.deps.server.leave(call.id)
      // They heard each other in the moment of the tap: then there is something to answer.
      if (over.live_at !== undefined) this.#away.delete(call.id)
      return over
    })
  }

  extend = async (): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'live' || call.extend_mine) return undefined
    this.#show({ ...call, extend_mine: true })
    return this.#calling(() => this.deps.server.extend(call.id))
  }

  setMuted = async (muted: boolean): Outcome => {
    const { call } = this.get()
    if (!this.#connection || !open(call)) return undefined
    // Here it is true at once, whatever becomes of the word to the server.
    this.#connection.mic.setMuted(muted)
    return this.#sayMic()
  }

  /** For the other to see why they hear nothing. */
  async #sayMic(): Outcome {
    const { call } = this.get()
    const talk = this.#connection
    if (!talk || !open(call)) return undefined
    const { muted } = talk.mic
    const interrupted = talk.away
    return this.#calling(() => this.deps.server.microphone(call.id, { muted, interrupted }))
  }

  /** To be called from a tap: after a reload, or when another window has the call. */
  comeBack = async (): Promise<void> => {
    const { call } = this.get()
    if (!open(call)) return
    this.deps.leaveRoom()
    this.deps.persisted.keepCall(call.id)
    this.deps.playback.resume()
    this.#connect(call.id)
  }

  retryMic = async (): Promise<void> => this.#connection?.mic.prepare()
  /** Another microphone was chosen, or its processing. */
  renewMic = async (): Promise<void> => this.#connection?.mic.renew()
  resumePlayback = (): void => this.deps.playback.resume()

  choose = (choice: 'heart' | 'pass', feedback: Feedback): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'ended') return Promise.resolve(undefined)
    return this.#calling(() => this.deps.server.choose(call.id, choice, feedback))
  }

  /** Puts an ended call out of sight; it can be answered later. */
  dismiss = (): void => {
    const { call } = this.get()
    if (call?.state === 'ended') this.#putAway(call)
    this.#set({ lapsed: false })
  }

  /** Brings back one that was put away, to answer it. */
  recall = (): void => {
    const last = this.get().queue?.call
    if (last?.state !== 'ended') return
    this.#away.delete(last.id)
    this.#set({ call: last })
  }

  /** Blocked or reported: they are gone at once. The server has ended the call with it. */
  part = (person: string): void => {
    const { call } = this.get()
    if (call?.person.id !== person) return
    this.#letGo(call)
    this.#putAway(call)
    void this.refresh()
  }

  // What the server tells.

  /** Timers of a tab nobody looks at are slow, those of a sleeping one stand still. */
  #woke(): void {
    const { queue, call, status } = this.get()
    if (status === 'loading') return
    if (queue?.waiting && !open(call)) void this.#beat()
    else void this.refresh()
    if (open(call)) this.#join(call)
  }

  #took({ queue, asked }: QueueAnswer): void {
    const known = this.get().call
    if (queue.call && !this.#away.has(queue.call.id)) {
      // An older one that waits for its heart: what we knew of is over.
      if (open(known) && queue.call.id !== known.id && asked >= this.#calledAt) this.#gone(known)
      if (!open(this.get().call) || queue.call.id === known?.id || open(queue.call)) {
        this.#told(queue.call, asked)
      }
    } else if (open(known)) {
      // Told of it after we asked: the answer is too old to know.
      if (asked < this.#calledAt) void this.refresh()
      else this.#gone(known)
    }
    this.#wait(queue)
  }

  /** It is over, and the queue keeps no word of it. */
  #gone(call: Call): void {
    this.#letGo(call)
    if ((call.kind === 'match' || call.offered) && !together(call)) {
      this.#set({ call: undefined })
      return
    }
    // How it ended, the call itself tells; should it not, the likeliest stands.
    const end_reason = together(call) ? 'left' : 'nothing'
    this.#show({ ...call, state: 'ended', end_reason, ended_at: this.clock.now() })
    const asked = this.deps.own()
    this.deps.server.call(call.id).then(
      (over) => {
        if (this.get().call?.id === over.id) this.#told(over, asked)
      },
      () => undefined,
    )
  }

  #told(next: Call, asked: number): void {
    this.clock.read({ said: next.now, asked, heard: this.deps.own() })
    if (this.#away.has(next.id) && !open(next)) return
    const { call: before } = this.get()
    if (before?.id === next.id && next.seq < before.seq) return
    this.#calledAt = this.deps.own()

    if (next.state === 'ended') {
      this.#letGo(next)
      // No call came of it. A stranger is not mentioned again; a friend is.
      const asked = next.kind === 'match' || next.offered || next.id === this.#offered
      const quiet = asked && next.live_at === undefined && !together(before)
      if (quiet || this.#away.has(next.id)) {
        this.#set({ call: undefined })
        if (before?.id === next.id) void this.refresh()
        return
      }
      if (before?.id === next.id && together(before)) this.deps.earcon('over')
    }
    const answered = next.id === this.#offered && together(next)
    if (answered) {
      this.#offered = undefined
      this.deps.leaveRoom()
      this.deps.persisted.keepCall(next.id)
    }
    this.#show(next)
    if (answered) this.#connect(next.id)
    if (open(next)) {
      this.#greet(before, next)
      this.#join(next)
    }
    if (together(next)) this.deps.persisted.keepTonight(undefined)
  }

  /** The signs for the ear. */
  #greet(before: Call | undefined, now: Call): void {
    const same = before?.id === now.id
    if (now.state === 'proposed' && !now.mine && !now.accepted && !same) {
      if (now.kind === 'direct') this.#knock()
      else this.deps.earcon('proposal')
    }
    if (now.state !== 'proposed' || now.accepted) this.#cancel('knock')
    if (now.state === 'live' && same && before.state !== 'live') this.deps.earcon('together')
  }

  #knock(): void {
    const { call } = this.get()
    if (call?.state !== 'proposed' || call.accepted) return
    this.deps.earcon('ring')
    this.#later('knock', () => this.#knock(), KNOCK_MS)
  }

  // The connection.

  /** Joins where that is ours to do unasked: while only proposed, where somebody is looking. */
  #join(call: Call): void {
    if (this.#connection?.id === call.id) return
    const here = this.deps.persisted.call() === call.id
    const unasked = call.state === 'proposed' && (!call.accepted || here) && this.deps.visible()
    if (unasked) this.#connect(call.id)
    else this.#voice()
  }

  #connect(id: string): void {
    const { call } = this.get()
    if (call?.id !== id) return
    if (this.#connection?.id === id) {
      if (this.#connection.audio.connection === 'elsewhere') void this.#connection.enter()
      return
    }
    this.#connection?.close()
    this.#connection = new CallConnection(call, this.deps, {
      changed: () => this.#voice(),
      answered: (answered, asked) => this.#told(answered, asked),
      taken: () => void this.#sayMic(),
      refused: () => this.refresh(),
    })
    void this.#connection.enter()
    this.#voice()
  }

  #voice(): void {
    const { call, audio } = this.get()
    const mine = open(call) && this.#connection?.id === call.id ? this.#connection.audio : undefined
    const next: CallAudio = mine ?? (together(call) ? { ...noAudio, connection: 'away' } : noAudio)
    const same = (Object.keys(next) as (keyof CallAudio)[]).every((key) => next[key] === audio[key])
    if (!same) this.#set({ audio: next })
  }

  /** Nobody hears us from here on. */
  #letGo(call: Call): void {
    if (this.deps.persisted.call() === call.id) this.deps.persisted.keepCall(undefined)
    if (this.#connection?.id === call.id) {
      this.#connection.close()
      this.#connection = undefined
    }
    this.#cancel('knock')
    this.#voice()
  }

  #putAway(call: Call): void {
    this.#away.add(call.id)
    this.#set({ call: undefined })
  }

  /** Shows a call, and watches its hours. */
  #show(call: Call): void {
    this.#set({ call })
    if (open(call) && this.#connection?.id === call.id) this.#connection.update(call)
    this.#voice()
    this.#cancel('overdue')
    this.#cancel('minute')
    const { deadline_at } = call
    if (!open(call) || deadline_at === undefined) {
      this.#set({ lastMinute: false })
      return
    }
    const left = deadline_at - this.clock.now()
    this.#later('overdue', () => this.#overdue(), Math.max(0, left) + OVERDUE_MS)
    if (call.state !== 'live') return
    const lastMinute = left <= LAST_MINUTE_MS
    this.#set({ lastMinute })
    if (!lastMinute) this.#later('minute', () => this.#minute(), left - LAST_MINUTE_MS)
  }

  #minute(): void {
    const { audio } = this.get()
    this.#set({ lastMinute: true })
    if (audio.connection === 'connected' || audio.connection === 'reconnecting')
      this.deps.earcon('minute')
  }

  #overdue(): void {
    void this.refresh()
    this.#later('overdue', () => this.#overdue(), OVERDUE_MS)
  }

  // Waiting, continued.

  #wait(queue: QueueStatus): void {
    if (open(this.get().call)) {
      this.#cancel('beat')
      return
    }
    const wish = this.deps.persisted.tonight()
    if (queue.waiting) {
      this.deps.persisted.keepTonight({
        tonight: wish?.tonight ?? { intents: [], languages: [] },
        at: queue.now,
      })
      this.#set({ lapsed: false })
      if (!this.#timers.has('beat')) this.#later('beat', () => void this.#beat(), BEAT_MS)
      return
    }
    this.#cancel('beat')
    if (!wish) return
    // The server has given us up while this window slept, and nobody here has.
    this.deps.persisted.keepTonight(undefined)
    if (queue.now - wish.at > RESUMED_WITHIN_MS) this.#set({ lapsed: true })
    else void this.enter(wish.tonight)
  }

  async #beat(): Promise<void> {
    this.#cancel('beat')
    const problem = await this.#queueing(() => this.deps.server.heartbeat())
    // A refusal says that we wait no more; how it stands, the queue knows.
    if (problem && !problem.isRefusal) this.#later('beat', () => void this.#beat(), BEAT_AGAIN_MS)
  }

  // Small things.

  async #timed(ask: () => Promise<QueueStatus>): Promise<QueueAnswer> {
    const asked = this.deps.own()
    const queue = await ask()
    this.clock.read({ said: queue.now, asked, heard: this.deps.own() })
    return { queue, asked }
  }

  #queueing(run: () => Promise<QueueStatus>): Outcome {
    return this.#live.command(() => this.#timed(run), this.#live.take)
  }

  #calling(run: () => Promise<Call>): Outcome {
    const asked = this.deps.own()
    return this.#live.command(run, (call) => this.#told(call, asked))
  }

  #set(more: Partial<CallFields>): void {
    this.#live.update((known) => ({ ...known, ...more }))
  }

  #later(name: 'beat' | 'overdue' | 'minute' | 'knock', fn: () => void, ms: number): void {
    this.#cancel(name)
    const cancel = this.deps.later(() => {
      this.#timers.delete(name)
      fn()
    }, ms)
    this.#timers.set(name, cancel)
  }

  #cancel(name: 'beat' | 'overdue' | 'minute' | 'knock'): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }
}
