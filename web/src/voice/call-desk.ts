import { type Call, type Lounge, type OwnEvent, Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import { ServerClock } from './call-clock'
import type { CallEdge } from './call-edge'
import {
  type CallAudio,
  type CallsState,
  type Feedback,
  noAudio,
  type Outcome,
  type Tonight,
  together,
} from './call-state'
import { Talk } from './call-talk'

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

const nothing: CallsState = {
  status: 'loading',
  lounge: undefined,
  call: undefined,
  audio: noAudio,
  ringing: undefined,
  lapsed: false,
  lastMinute: false,
}

const open = (call: Call | undefined): call is Call => call !== undefined && call.state !== 'ended'

/**
 * Call, as one window sees it: waiting, a proposal, the conversation, and what comes after. It lives
 * outside React, so that walking around cuts nothing.
 */
export class Calls implements Readable<CallsState> {
  readonly #state = new Writable<CallsState>(nothing)
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  readonly clock: ServerClock
  #talk: Talk | undefined
  /** Ended calls that were put away here. */
  #away = new Set<string>()
  /** When, own ms, the call was last told of: an older answer says nothing of its absence. */
  #calledAt = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined
  #again = false
  #users = 0
  #stop: (() => void)[] = []
  #timers = new Map<'beat' | 'overdue' | 'minute' | 'knock', () => void>()

  constructor(private readonly edge: CallEdge) {
    this.clock = new ServerClock(() => edge.own())
  }

  /** Live until the returned function is called. */
  start = (): (() => void) => {
    this.#users++
    if (this.#users === 1) {
      this.#stop = [
        this.edge.listen({
          event: (said) => this.#heard(said),
          missed: () => void this.refresh(),
        }),
        this.edge.onVisible(() => this.#woke()),
      ]
      void this.refresh()
    }
    let done = false
    return () => {
      if (done) return
      done = true
      this.#users--
      if (this.#users > 0) return
      for (const stop of this.#stop) stop()
      for (const timer of [...this.#timers.keys()]) this.#cancel(timer)
      this.#talk?.close()
      this.#talk = undefined
      // The next one here may be somebody else.
      this.#away.clear()
      this.#calledAt = Number.NEGATIVE_INFINITY
      this.#state.set(nothing)
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

  // Waiting.

  enter = (tonight: Tonight): Outcome => {
    const { call } = this.get()
    if (call?.state === 'ended') this.#putAway(call)
    return this.#lounging(async () => {
      const lounge = await this.edge.server.enter(tonight)
      this.edge.kept.keepTonight({ tonight, at: lounge.now })
      return lounge
    })
  }

  cancel = (): Outcome => {
    this.edge.kept.keepTonight(undefined)
    this.#cancel('beat')
    const { lounge } = this.get()
    if (lounge) this.#set({ lounge: { ...lounge, waiting: false } })
    return this.#lounging(() => this.edge.server.cancel())
  }

  setReach = (reach: Lounge['reach']): Outcome => {
    const { lounge } = this.get()
    if (lounge) this.#set({ lounge: { ...lounge, reach } })
    return this.#lounging(() => this.edge.server.reach(reach))
  }

  setBell = (on: boolean): Outcome => {
    const { lounge } = this.get()
    if (lounge) this.#set({ lounge: { ...lounge, bell: on } })
    return this.#lounging(() => this.edge.server.bell(on))
  }

  comeTo = (hour: string, coming: boolean): Outcome =>
    this.#lounging(() => this.edge.server.hour(hour, coming))

  // One call.

  /** Calls a match. */
  ring = async (person: string): Outcome => {
    if (open(this.get().call) || this.get().ringing) return undefined
    this.#set({ ringing: person })
    this.edge.leaveRoom()
    const asked = this.edge.own()
    try {
      const call = await this.edge.server.ring(person)
      this.edge.kept.keepCall(call.id)
      this.#told(call, asked)
      return undefined
    } catch (thrown) {
      void this.refresh()
      return Problem.of(thrown)
    } finally {
      this.#set({ ringing: undefined })
    }
  }

  /** Yes. The microphone opens here and now; who hears it, the server decides. */
  accept = async (): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'proposed' || call.accepted) return undefined
    this.edge.leaveRoom()
    this.edge.kept.keepCall(call.id)
    this.edge.playback.resume()
    this.#show({ ...call, accepted: true })
    this.#line(call.id)
    return this.#calling(() => this.edge.server.accept(call.id))
  }

  /** Not now. Nobody is told. */
  decline = async (): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'proposed') return undefined
    this.#letGo(call)
    this.#set({ call: undefined })
    const problem = await this.#calling(() => this.edge.server.decline(call.id))
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
      this.#show({ ...call, state: 'ended', ended_why: 'left', ended_at: this.clock.now() })
    }
    return this.#calling(async () => {
      const over = await this.edge.server.leave(call.id)
      // They heard each other in the moment of the tap: then there is something to answer.
      if (over.live_at !== undefined) this.#away.delete(call.id)
      return over
    })
  }

  more = async (): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'live' || call.more_mine) return undefined
    this.#show({ ...call, more_mine: true })
    return this.#calling(() => this.edge.server.more(call.id))
  }

  setMuted = async (muted: boolean): Outcome => {
    const { call } = this.get()
    if (!this.#talk || !open(call)) return undefined
    // Here it is true at once, whatever becomes of the word to the server.
    this.#talk.mic.setMuted(muted)
    return this.#sayMic()
  }

  /** For the other to see why they hear nothing. */
  async #sayMic(): Outcome {
    const { call } = this.get()
    const mic = this.#talk?.mic
    if (!mic || !open(call)) return undefined
    const { muted, taken } = mic
    return this.#calling(() => this.edge.server.microphone(call.id, { muted, taken }))
  }

  /** To be called from a tap: after a reload, or when another window has the call. */
  comeBack = async (): Promise<void> => {
    const { call } = this.get()
    if (!open(call)) return
    this.edge.leaveRoom()
    this.edge.kept.keepCall(call.id)
    this.edge.playback.resume()
    this.#line(call.id)
  }

  retryMic = async (): Promise<void> => this.#talk?.mic.prepare()
  /** Another microphone was chosen, or its processing. */
  renewMic = async (): Promise<void> => this.#talk?.mic.renew()
  resumePlayback = (): void => this.edge.playback.resume()

  choose = (choice: 'heart' | 'pass', feedback: Feedback): Outcome => {
    const { call } = this.get()
    if (call?.state !== 'ended') return Promise.resolve(undefined)
    return this.#calling(() => this.edge.server.choose(call.id, choice, feedback))
  }

  /** Puts an ended call out of sight; it can be answered later. */
  dismiss = (): void => {
    const { call } = this.get()
    if (call?.state === 'ended') this.#putAway(call)
    this.#set({ lapsed: false })
  }

  /** Brings back one that was put away, to answer it. */
  recall = (): void => {
    const last = this.get().lounge?.call
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

  #heard(said: OwnEvent): void {
    if (said.type === 'queue') void this.refresh()
    if (said.type !== 'call') return
    const { call } = this.get()
    if (call?.id === said.call_id && said.seq <= call.seq) return
    void this.refresh()
  }

  /** Timers of a tab nobody looks at are slow, those of a sleeping one stand still. */
  #woke(): void {
    const { lounge, call, status } = this.get()
    if (status === 'loading') return
    if (lounge?.waiting && !open(call)) void this.#beat()
    else void this.refresh()
    if (open(call)) this.#join(call)
  }

  async #read(): Promise<void> {
    const asked = this.edge.own()
    try {
      const lounge = await this.edge.server.lounge()
      if (this.#users > 0) this.#took(lounge, asked)
    } catch (thrown) {
      if (this.#users > 0) this.#unread(Problem.of(thrown))
    }
  }

  #unread({ code }: Problem): void {
    if (code === 'server.not_ready') this.#set({ status: 'soon' })
    // What is there stays.
    else if (this.get().status !== 'ready') {
      this.#set({ status: code === 'offline' ? 'offline' : 'error' })
    }
  }

  #took(lounge: Lounge, asked: number): void {
    this.clock.read({ said: lounge.now, asked, heard: this.edge.own() })
    this.#set({ status: 'ready', lounge })
    const known = this.get().call
    if (lounge.call && !this.#away.has(lounge.call.id)) {
      // An older one that waits for its heart: what we knew of is over.
      if (open(known) && lounge.call.id !== known.id && asked >= this.#calledAt) this.#gone(known)
      if (!open(this.get().call) || lounge.call.id === known?.id || open(lounge.call)) {
        this.#told(lounge.call, asked)
      }
    } else if (open(known)) {
      // Told of it after we asked: the answer is too old to know.
      if (asked < this.#calledAt) void this.refresh()
      else this.#gone(known)
    }
    this.#wait(lounge)
  }

  /** It is over, and the lounge keeps no word of it. */
  #gone(call: Call): void {
    this.#letGo(call)
    if (call.kind === 'match' && !together(call)) {
      this.#set({ call: undefined })
      return
    }
    // How it ended, the call itself tells; should it not, the likeliest stands.
    const ended_why = together(call) ? 'left' : 'nothing'
    this.#show({ ...call, state: 'ended', ended_why, ended_at: this.clock.now() })
    const asked = this.edge.own()
    this.edge.server.call(call.id).then(
      (over) => {
        if (this.get().call?.id === over.id) this.#told(over, asked)
      },
      () => undefined,
    )
  }

  #told(next: Call, asked: number): void {
    this.clock.read({ said: next.now, asked, heard: this.edge.own() })
    if (this.#away.has(next.id) && !open(next)) return
    const { call: before } = this.get()
    if (before?.id === next.id && next.seq < before.seq) return
    this.#calledAt = this.edge.own()

    if (next.state === 'ended') {
      this.#letGo(next)
      // No call came of it. A stranger is not mentioned again; a friend is.
      const quiet = next.kind === 'match' && next.live_at === undefined && !together(before)
      if (quiet || this.#away.has(next.id)) {
        this.#set({ call: undefined })
        if (before?.id === next.id) void this.refresh()
        return
      }
      if (before?.id === next.id && together(before)) this.edge.earcon('over')
    }
    this.#show(next)
    if (open(next)) {
      this.#greet(before, next)
      this.#join(next)
    }
    if (together(next)) this.edge.kept.keepTonight(undefined)
  }

  /** The signs for the ear. */
  #greet(before: Call | undefined, now: Call): void {
    const same = before?.id === now.id
    if (now.state === 'proposed' && !now.mine && !now.accepted && !same) {
      if (now.kind === 'direct') this.#knock()
      else this.edge.earcon('proposal')
    }
    if (now.state !== 'proposed' || now.accepted) this.#cancel('knock')
    if (now.state === 'live' && same && before.state !== 'live') this.edge.earcon('together')
  }

  #knock(): void {
    const { call } = this.get()
    if (call?.state !== 'proposed' || call.accepted) return
    this.edge.earcon('ring')
    this.#later('knock', () => this.#knock(), KNOCK_MS)
  }

  // The line.

  /** Joins where that is ours to do unasked: while only proposed, where somebody is looking. */
  #join(call: Call): void {
    if (this.#talk?.id === call.id) return
    const here = this.edge.kept.call() === call.id
    const unasked = call.state === 'proposed' && (!call.accepted || here) && this.edge.visible()
    if (unasked) this.#line(call.id)
    else this.#voice()
  }

  #line(id: string): void {
    const { call } = this.get()
    if (call?.id !== id) return
    if (this.#talk?.id === id) {
      const { line } = this.#talk.audio
      if (line === 'elsewhere' || line === 'away') void this.#talk.comeBack()
      return
    }
    this.#talk?.close()
    this.#talk = new Talk(call, this.edge, {
      changed: () => this.#voice(),
      answered: (answered, asked) => this.#told(answered, asked),
      taken: () => void this.#sayMic(),
      refused: () => void this.refresh(),
    })
    void this.#talk.enter()
    this.#voice()
  }

  #voice(): void {
    const { call, audio } = this.get()
    const mine = open(call) && this.#talk?.id === call.id ? this.#talk.audio : undefined
    const next: CallAudio = mine ?? (together(call) ? { ...noAudio, line: 'away' } : noAudio)
    const same = (Object.keys(next) as (keyof CallAudio)[]).every((key) => next[key] === audio[key])
    if (!same) this.#set({ audio: next })
  }

  /** Nobody hears us from here on. */
  #letGo(call: Call): void {
    if (this.edge.kept.call() === call.id) this.edge.kept.keepCall(undefined)
    if (this.#talk?.id === call.id) {
      this.#talk.close()
      this.#talk = undefined
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
    if (open(call) && this.#talk?.id === call.id) this.#talk.update(call)
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
    if (audio.line === 'connected' || audio.line === 'reconnecting') this.edge.earcon('minute')
  }

  #overdue(): void {
    void this.refresh()
    this.#later('overdue', () => this.#overdue(), OVERDUE_MS)
  }

  // Waiting, continued.

  #wait(lounge: Lounge): void {
    if (open(this.get().call)) {
      this.#cancel('beat')
      return
    }
    const wish = this.edge.kept.tonight()
    if (lounge.waiting) {
      this.edge.kept.keepTonight({
        tonight: wish?.tonight ?? { intents: [], languages: [] },
        at: lounge.now,
      })
      this.#set({ lapsed: false })
      if (!this.#timers.has('beat')) this.#later('beat', () => void this.#beat(), BEAT_MS)
      return
    }
    this.#cancel('beat')
    if (!wish) return
    // The server has given us up while this window slept, and nobody here has.
    this.edge.kept.keepTonight(undefined)
    if (lounge.now - wish.at > RESUMED_WITHIN_MS) this.#set({ lapsed: true })
    else void this.enter(wish.tonight)
  }

  async #beat(): Promise<void> {
    this.#cancel('beat')
    const asked = this.edge.own()
    try {
      const lounge = await this.edge.server.stay()
      if (this.#users > 0) this.#took(lounge, asked)
    } catch (thrown) {
      if (this.#users === 0) return
      const { status } = Problem.of(thrown)
      // A refusal says that we wait no more; how it stands, the lounge knows.
      if (status >= 400 && status < 500 && status !== 429) await this.refresh()
      else this.#later('beat', () => void this.#beat(), BEAT_AGAIN_MS)
    }
  }

  // Small things.

  async #lounging(run: () => Promise<Lounge>): Outcome {
    const asked = this.edge.own()
    try {
      const lounge = await run()
      if (this.#users > 0) this.#took(lounge, asked)
      return undefined
    } catch (thrown) {
      const problem = Problem.of(thrown)
      // Our picture was not the server's.
      if (problem.code !== 'offline') void this.refresh()
      return problem.code === 'command.applied' ? undefined : problem
    }
  }

  async #calling(run: () => Promise<Call>): Outcome {
    const asked = this.edge.own()
    try {
      const call = await run()
      if (this.#users > 0) this.#told(call, asked)
      return undefined
    } catch (thrown) {
      const problem = Problem.of(thrown)
      void this.refresh()
      return problem.code === 'command.applied' ? undefined : problem
    }
  }

  #set(more: Partial<CallsState>): void {
    this.#state.set({ ...this.get(), ...more })
  }

  #later(name: 'beat' | 'overdue' | 'minute' | 'knock', fn: () => void, ms: number): void {
    this.#cancel(name)
    const cancel = this.edge.later(() => {
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
