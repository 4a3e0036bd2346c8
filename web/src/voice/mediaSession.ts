import { Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import type {
  Closed,
  ConnectionEvent,
  Kind,
  MediaConnection,
  Offer,
  OnConnection,
  OpenConnection,
  Path,
  Stuck,
} from './mediaConnection'
import { type MicDeps, type MicOptions, Microphone, type MicState } from './microphone'
import type { Sound } from './playback'

/** Pauses before the next try after the connection was lost; the last one repeats. */
const REJOIN_PAUSES_MS = [0, 300, 700, 1500, 1500, 2500, 4000]
/** After so many failed tries we no longer say "in a moment". */
const LOST_AFTER = 4
/** How long a new connection waits at most for the voices that the old one plays, and how often it looks. */
const SETTLE_MS = 500
const SETTLE_STEP_MS = 20

/** The server lets us in: how to connect. */
export type Grant =
  | { kind: 'talk'; url: string; token: string }
  | { kind: 'listen'; answer: string; url: string }

/** Everything a media session does to the world outside it. Tests bring their own. */
export interface MediaDeps extends MicDeps {
  /** Loads the media library, once. */
  media(): Promise<OpenConnection>
  /** Offers to listen. */
  offer(): Promise<Offer>
  playback: {
    state: Readable<'ok' | 'blocked'>
    open(): Sound
    resume(): void
  }
  /** Calls fn whenever the browser says that the network has gone (false) or is back (true). */
  onNetwork(fn: (there: boolean) => void): () => void
  /** Calls fn when a connection may be dead unnoticed: another network, or the machine slept. */
  onDoubt(fn: () => void): () => void
}

/**
 * Why the server does not have us connected. 'rejected': admission failed, or was refused. 'ended':
 * it ended the connection on purpose. 'refused': it takes our grant no longer.
 */
export type Objection =
  | { type: 'rejected'; problem: Problem }
  | { type: 'ended' }
  | { type: 'refused' }

/** What follows from an objection; 'wait': nothing, until something else happens. */
export type Verdict = 'rejoin' | 'elsewhere' | 'wait'

/** What a room and a call do each in their own way. */
export interface MediaScope {
  /** Which kind of connection is right now. Call `follow` of the session when that changes. */
  wanted(): Kind
  /**
   * Asks the server to let us in; `offer` makes the SDP offer of a listening connection when it is asked
   * for. `standing`: another connection plays meanwhile. Rejects if the server says no.
   */
  admit(offer: () => Promise<string>, standing: boolean): Promise<Grant>
  /** Decides what becomes of an objection. Who has closed the session meanwhile may answer anything. */
  objected(objection: Objection): Promise<Verdict>
  /** Somebody's voice has arrived, or the server no longer lets us send. */
  report(event: 'voice' | 'silenced'): void
  /** Under which name a voice is played and measured, if that is known. Call `rename` when it changes. */
  playedAs(voice: string): string | undefined
}

/** What a media session shows. */
export interface MediaState {
  /**
   * 'reconnecting': it was there, and most often is again in a moment. 'lost': several tries have
   * failed; they go on. 'elsewhere': another window or device of this account has the connection.
   */
  connection: 'connecting' | 'connected' | 'reconnecting' | 'lost' | 'elsewhere'
  /** Why the sound does not come, once that is known. */
  stuck: Stuck | undefined
  mic: MicState
  /** What the microphone is called, also while it is away. */
  device: string | undefined
  /** 'blocked': the browser wants a tap before it plays anything. */
  playback: 'ok' | 'blocked'
  /** Whose connection is too weak to be understood well. */
  weak: 'mine' | 'theirs' | undefined
}

/** An output of a connection; `packets`: how many have arrived so far. */
export interface Voice {
  output: string
  voice: string | undefined
  packets: (() => Promise<number>) | undefined
}

/** A connection with what it plays, from its opening to its end. */
class Line {
  voices: Voice[] = []
  weak = { mine: false, theirs: false }
  state: 'connected' | 'reconnecting' = 'connected'
  /** It may be dead unnoticed: another one is on its way. */
  stale = false
  closed = false
  connection: MediaConnection | undefined

  constructor(
    readonly kind: Kind,
    readonly sound: Sound,
  ) {}

  close(): void {
    if (this.closed) return
    this.closed = true
    this.sound.close()
    this.connection?.close()
  }
}

/** What is done to get the next connection, of which kind. */
type Next = { kind: Kind } & (
  | { at: 'admitting' }
  | { at: 'opening'; line: Line }
  | { at: 'pausing'; cancel(): void }
  | { at: 'objected'; by: Objection['type'] }
)

/**
 * MediaSession is the audio of one room or one call: admission, connection, microphone and playback,
 * from the first try to the end. It has at most one connection that sounds (`#line`) and makes at most one
 * more (`#next`): the first one, one of the other kind, one for a line that is stale, or one for a line
 * that was lost. The old one plays on until the new one is heard (make before break); in one task the
 * one falls silent and the other is played. A failed try is repeated with growing pauses; what the server
 * objects to, the scope decides. Whatever arrives after the end is ignored.
 */
export class MediaSession implements Readable<MediaState> {
  readonly mic: Microphone
  readonly get: () => MediaState
  readonly subscribe: (changed: () => void) => () => void
  readonly #state: Writable<MediaState>
  #begun = false
  #end: 'elsewhere' | 'closed' | undefined
  #line: Line | undefined
  #next: Next | undefined
  /** Whether a connection has stood since `open`: from then on one that is missing was lost. */
  #stood = false
  /** Tries since a connection last stood. */
  #failures = 0
  #offline = false
  #stuck: Stuck | undefined
  readonly #undo: (() => void)[]

  constructor(
    private readonly deps: MediaDeps,
    private readonly scope: MediaScope,
    options: MicOptions,
  ) {
    this.mic = new Microphone(deps, () => this.#show(), options)
    this.#state = new Writable(this.#current())
    this.get = this.#state.get
    this.subscribe = this.#state.subscribe
    this.#undo = [
      deps.playback.state.subscribe(() => this.#show()),
      deps.onNetwork((there) => this.#network(there)),
      deps.onDoubt(() => this.doubt()),
    ]
  }

  /** What is heard on the connection that stands. */
  get voices(): readonly Voice[] {
    return this.#line?.voices ?? []
  }

  /** How the sound comes now, if it does. */
  async path(): Promise<Path | undefined> {
    return this.#line?.connection?.path()
  }

  /**
   * Connects; also again, from the window that another one took the connection from. Resolves after
   * the first try, whatever came of it.
   */
  async open(): Promise<void> {
    if (this.#end === 'closed' || (this.#begun && this.#end === undefined)) return
    this.#begun = true
    this.#end = undefined
    this.#stood = false
    this.#failures = 0
    await this.#connect()
  }

  /** Another kind of connection may be right by now: it is made while the one that stands plays on. */
  follow(): void {
    if (!this.#begun || this.#end || !this.#line) return
    if (!this.#needsNext()) this.#make(undefined)
    else if (this.#next?.kind !== this.scope.wanted()) void this.#connect()
  }

  /** Names may have become known. */
  rename(): void {
    for (const line of this.#lines()) {
      for (const { output, voice } of line.voices) this.#name(line, output, voice)
    }
  }

  /**
   * The server says that this account is not there. While our connection stands, or was just ended on
   * purpose, the one who left is the account elsewhere; otherwise we were given up, and join anew.
   */
  absent(): void {
    const line = this.#line
    const next = this.#next
    if (this.#end) return
    if (line) {
      if (line.state === 'connected' && !line.stale && isAlive(line)) this.#leaveElsewhere()
      else {
        this.#hangUp(line)
        this.#again()
      }
    } else if (next?.at === 'objected' && next.by === 'ended') this.#leaveElsewhere()
    else if (next?.at === 'objected' || next?.at === 'opening') this.#again()
  }

  /** Lets go of everything, without a word. */
  close(): void {
    if (this.#end === 'closed') return
    this.#stop('closed')
    for (const undo of this.#undo) undo()
  }

  async #connect(): Promise<void> {
    const kind = this.scope.wanted()
    const next = this.#make({ at: 'admitting', kind })
    // Loading the library takes as long as the answer: both at once.
    const loading = kind === 'talk' ? this.deps.media() : undefined
    loading?.catch(() => undefined)
    let offering: Promise<Offer> | undefined
    const offer = () => {
      offering ??= this.deps.offer()
      return offering.then(({ sdp }) => sdp)
    }
    const drop = (url?: string) => void offering?.then((o) => o.close(url)).catch(() => undefined)
    let grant: Grant
    try {
      grant = await this.scope.admit(offer, this.#line !== undefined)
    } catch (thrown) {
      drop()
      if (this.#isNext(next)) await this.#object({ type: 'rejected', problem: Problem.of(thrown) })
      return
    }
    if (!this.#isNext(next) || grant.kind === 'talk')
      drop(grant.kind === 'listen' ? grant.url : undefined)
    if (!this.#isNext(next)) return

    const line = new Line(grant.kind, this.deps.playback.open())
    const opening = this.#make({ at: 'opening', kind: grant.kind, line })
    const on: OnConnection = (event) => this.#heardOf(line, event)
    try {
      const connection = await (grant.kind === 'talk'
        ? (loading ?? this.deps.media()).then((open) => open(grant.url, grant.token, on))
        : (offering ?? this.deps.offer()).then((o) => o.accept(grant, on)))
      line.connection = connection
      if (line.closed) {
        connection.close()
        return
      }
      // Nobody waits for the microphone until the voices have changed over.
      if (connection.kind === 'talk') this.mic.attach(connection)
    } catch {
      line.close()
      if (this.#isNext(opening)) this.#again()
      return
    }
    await this.#settle(line)
    if (this.#isNext(opening)) this.#swap(line)
  }

  /** Waits until the new connection plays everybody whom the old one plays, but not for long. */
  async #settle(line: Line): Promise<void> {
    const old = this.#line
    for (let waited = 0; waited < SETTLE_MS; waited += SETTLE_STEP_MS) {
      if (!old || old.closed || line.closed) return
      const there = line.connection?.heard() ?? []
      if (old.connection?.heard().every((voice) => there.includes(voice))) return
      await new Promise<void>((done) => void this.deps.later(done, SETTLE_STEP_MS))
    }
  }

  #swap(line: Line): void {
    const old = this.#line
    this.#line = line
    this.#next = undefined
    this.#stood = true
    this.#failures = 0
    this.#stuck = undefined
    line.sound.play()
    if (old) this.#hangUp(old)
    this.#show()
    if (line.voices.length > 0) this.scope.report('voice')
    this.follow()
  }

  #heardOf(line: Line, event: ConnectionEvent): void {
    if (line.closed) return
    switch (event.type) {
      case 'connection':
        line.state = event.state
        if (event.state === 'reconnecting') this.#doubtOf(line)
        break
      case 'stuck':
        if (!this.#line || line === this.#line) this.#stuck = event.why
        break
      case 'output': {
        const { output, voice, track, packets } = event
        line.voices = line.voices.filter((v) => v.output !== output)
        line.voices.push({ output, voice, packets })
        line.sound.add(output, track)
        this.#name(line, output, voice)
        if (line === this.#line) this.scope.report('voice')
        break
      }
      case 'speaker': {
        const { output, voice } = event
        line.voices = line.voices.map((v) => (v.output === output ? { ...v, voice } : v))
        this.#name(line, output, voice)
        break
      }
      case 'silence':
        line.sound.remove(event.output)
        line.voices = line.voices.filter((v) => v.output !== event.output)
        break
      case 'quality':
        line.weak[event.mine ? 'mine' : 'theirs'] = event.weak
        break
      case 'silenced':
        this.scope.report('silenced')
        break
      case 'closed':
        this.#closed(line, event.why)
        break
    }
    this.#show()
  }

  #name(line: Line, output: string, voice: string | undefined): void {
    line.sound.name(output, voice === undefined ? undefined : this.scope.playedAs(voice))
  }

  #closed(line: Line, why: Closed): void {
    // Coming back by ourselves would take the connection from the newer window, which would take it
    // from us.
    if (why === 'duplicate') {
      this.#leaveElsewhere()
      return
    }
    const stood = line === this.#line
    const replaced = stood && this.scope.wanted() !== line.kind
    this.#hangUp(line)
    if (!stood) this.#again()
    else if (why === 'lost' || replaced) {
      // Who left the seat is put out of the talk before the listening has begun.
      if (this.#next?.at !== 'admitting' && this.#next?.at !== 'opening') this.#again()
    } else void this.#object({ type: why })
  }

  async #object(objection: Objection): Promise<void> {
    const kind = this.scope.wanted()
    const next = this.#make({ at: 'objected', by: objection.type, kind })
    const verdict = await this.scope.objected(objection)
    if (this.#next !== next) return
    if (verdict === 'elsewhere') this.#leaveElsewhere()
    if (verdict !== 'rejoin') return
    // Not at once: the server has just said no.
    this.#failures = Math.max(1, this.#failures)
    this.#again()
  }

  #leaveElsewhere(): void {
    this.#stop('elsewhere')
  }

  #stop(end: 'elsewhere' | 'closed'): void {
    this.#end = end
    this.#make(undefined)
    if (this.#line) this.#hangUp(this.#line)
    this.mic.release()
    this.#show()
  }

  /** The next try, after a pause that grows; if it is needed. */
  #again(): void {
    if (!this.#needsNext()) {
      this.#make(undefined)
      return
    }
    const last = REJOIN_PAUSES_MS.length - 1
    const pause = REJOIN_PAUSES_MS[Math.min(this.#failures, last)] ?? 0
    this.#failures++
    const cancel = this.deps.later(() => void this.#connect(), pause)
    this.#make({ at: 'pausing', kind: this.scope.wanted(), cancel })
  }

  #needsNext(): boolean {
    const line = this.#line
    return !line || line.stale || line.kind !== this.scope.wanted()
  }

  /** The library of calls resumes by itself; a listening connection is made anew. */
  #doubtOf(line: Line): void {
    if (line.kind !== 'listen' || line !== this.#line) return
    line.stale = true
    if (!this.#next || this.#next.at === 'pausing') void this.#connect()
  }

  /** What stands may be dead unnoticed, and the next try need not wait. */
  doubt(): void {
    if (this.#end) return
    if (this.#line) this.#doubtOf(this.#line)
    else if (this.#next?.at === 'pausing') {
      this.#failures = 1
      void this.#connect()
    }
  }

  #network(there: boolean): void {
    // The library may take a while to notice; the browser knows at once.
    this.#offline = !there
    if (there) this.doubt()
    this.#show()
  }

  /** From here on this is done to get the next connection; whatever was done before is dropped. */
  #make<N extends Next | undefined>(next: N): N {
    const before = this.#next
    this.#next = next
    if (before?.at === 'pausing') before.cancel()
    if (before?.at === 'opening') this.#hangUp(before.line)
    this.#show()
    return next
  }

  #isNext(next: Next): boolean {
    return this.#next === next
  }

  #hangUp(line: Line): void {
    if (this.#line === line) this.#line = undefined
    if (line.connection?.kind === 'talk') this.mic.detach(line.connection)
    line.close()
  }

  #lines(): Line[] {
    const next = this.#next?.at === 'opening' ? this.#next.line : undefined
    return [this.#line, next].filter((line) => line !== undefined)
  }

  #show(): void {
    if (this.#end === 'closed') return
    const before = this.#state.get()
    const next = this.#current()
    const keys = Object.keys(next) as (keyof MediaState)[]
    if (keys.some((key) => next[key] !== before[key])) this.#state.set(next)
  }

  #current(): MediaState {
    const weak = this.#line?.weak
    return {
      connection: this.#connection(),
      stuck: this.#stuck,
      mic: this.mic.state,
      device: this.mic.device,
      playback: this.deps.playback.state.get(),
      weak: weak?.mine ? 'mine' : weak?.theirs ? 'theirs' : undefined,
    }
  }

  #connection(): MediaState['connection'] {
    if (this.#end === 'elsewhere') return 'elsewhere'
    const again = this.#failures > LOST_AFTER ? 'lost' : 'reconnecting'
    const line = this.#line
    if (line) return line.state === 'connected' && !this.#offline ? 'connected' : again
    const first = this.#failures === 0 && !this.#stood ? 'connecting' : again
    switch (this.#next?.at) {
      case 'pausing':
        return again
      case 'objected':
        return this.#next.by === 'rejected' ? first : again
      default:
        return first
    }
  }
}

function isAlive({ connection }: Line): boolean {
  return connection?.kind !== 'listen' || connection.alive()
}
