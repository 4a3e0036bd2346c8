import { Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import type {
  Closed,
  ConnectionEvent,
  MediaConnection,
  OpenConnection,
  Stuck,
} from './mediaConnection'
import { type MicDeps, type MicOptions, Microphone, type MicState } from './microphone'

/** Pauses before the next try after the connection was lost; the last one repeats. */
const REJOIN_PAUSES_MS = [0, 300, 700, 1500, 2500, 4000]
/** After so many failed tries we no longer say "in a moment". */
const LOST_AFTER = 4

/** Where to connect, and the token that says what we may do there. */
export interface Grant {
  url: string
  token: string
}

/** Everything a media session does to the world outside it. Tests bring their own. */
export interface MediaDeps extends MicDeps {
  /** Loads the media library, once. */
  media(): Promise<OpenConnection>
  playback: {
    state: Readable<'ok' | 'blocked'>
    add(personId: string, track: MediaStreamTrack): void
    remove(personId: string): void
    clear(): void
    resume(): void
  }
  /** Calls fn whenever the browser says that the network has gone (false) or is back (true). */
  onNetwork(fn: (there: boolean) => void): () => void
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
  /** Asks the server to let us in. Rejects if it says no. */
  admit(): Promise<Grant>
  /** Decides what becomes of an objection. Who has closed the session meanwhile may answer anything. */
  objected(objection: Objection): Promise<Verdict>
  /** Somebody's voice has arrived, or the server no longer lets us send. */
  report(event: 'voice' | 'silenced'): void
  /** Under which name a voice is played and measured. */
  playedAs(personId: string): string
}

/** A voice that arrives; `packets`: how many have so far. */
export interface Voice {
  personId: string
  packets: (() => Promise<number>) | undefined
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

/** Where a session stands. The two with a connection are connected; the library resumes one by itself. */
type Phase =
  | { at: 'new' }
  | { at: 'admitting' }
  | { at: 'opening' }
  | { at: 'connected'; connection: MediaConnection }
  | { at: 'resuming'; connection: MediaConnection }
  | { at: 'pausing'; cancel(): void }
  | { at: 'objected'; by: Objection['type'] }
  | { at: 'elsewhere' }
  | { at: 'closed' }

/**
 * MediaSession is the audio of one room or one call: admission, connection, microphone and playback,
 * from the first try to the end. A lost connection is admitted and made anew, with growing pauses;
 * what the server objects to, the scope decides. Whatever arrives after the end is ignored.
 */
export class MediaSession implements Readable<MediaState> {
  readonly mic: Microphone
  readonly get: () => MediaState
  readonly subscribe: (changed: () => void) => () => void
  readonly #state: Writable<MediaState>
  #phase: Phase = { at: 'new' }
  /** Counts connections, so that a late word of an older one is not taken for the current one's. */
  #connectionNo = 0
  /** Tries since the connection last stood. */
  #failures = 0
  #offline = false
  #stuck: Stuck | undefined
  #voices: Voice[] = []
  #weak = { mine: false, theirs: false }
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
    ]
  }

  /** Those who are heard on the connection that stands. */
  get voices(): readonly Voice[] {
    return this.#voices
  }

  /**
   * Connects; also again, from the window that another one took the connection from. Resolves after
   * the first try, whatever came of it.
   */
  async open(): Promise<void> {
    if (this.#phase.at !== 'new' && this.#phase.at !== 'elsewhere') return
    this.#failures = 0
    await this.#connect()
  }

  /**
   * The server says that this account is not there. While our connection stands, or was just ended on
   * purpose, the one who left is the account elsewhere; otherwise we were given up, and join anew.
   */
  absent(): void {
    const phase = this.#phase
    switch (phase.at) {
      case 'connected':
        this.#leaveElsewhere()
        break
      case 'objected':
        if (phase.by === 'ended') this.#leaveElsewhere()
        else this.#rejoinSoon()
        break
      case 'opening':
      case 'resuming':
        this.#rejoinSoon()
        break
    }
  }

  /** Lets go of everything, without a word. */
  close(): void {
    if (this.#phase.at === 'closed') return
    this.#enter({ at: 'closed' })
    for (const undo of this.#undo) undo()
    this.mic.release()
    this.deps.playback.clear()
  }

  async #connect(): Promise<void> {
    // Loading the library takes as long as the answer: both at once.
    const loading = this.deps.media()
    loading.catch(() => undefined)
    const admitting = this.#enter({ at: 'admitting' })
    let grant: Grant
    try {
      grant = await this.scope.admit()
    } catch (thrown) {
      if (this.#phase !== admitting) return
      await this.#object({ type: 'rejected', problem: Problem.of(thrown) })
      return
    }
    if (this.#phase !== admitting) return
    const no = ++this.#connectionNo
    const stale = () => no !== this.#connectionNo
    this.#enter({ at: 'opening' })
    try {
      const open = await loading
      if (stale()) return
      const connection = await open(grant.url, grant.token, (event) => {
        if (!stale()) this.#onLine(event)
      })
      if (stale()) {
        connection.close()
        return
      }
      this.#failures = 0
      this.#stuck = undefined
      this.mic.attach(connection)
      this.#enter({ at: 'connected', connection })
    } catch {
      if (!stale()) this.#rejoinSoon()
    }
  }

  #onLine(event: ConnectionEvent): void {
    switch (event.type) {
      case 'connection': {
        const phase = this.#phase
        if (!('connection' in phase)) break
        const at = event.state === 'connected' ? 'connected' : 'resuming'
        this.#enter({ at, connection: phase.connection })
        break
      }
      case 'stuck':
        this.#stuck = event.why
        this.#show()
        break
      case 'voice':
        this.deps.playback.add(this.scope.playedAs(event.personId), event.track)
        this.#voices.push({ personId: event.personId, packets: event.packets })
        this.scope.report('voice')
        break
      case 'silence':
        this.deps.playback.remove(this.scope.playedAs(event.personId))
        this.#voices = this.#voices.filter((v) => v.personId !== event.personId)
        break
      case 'quality':
        this.#weak[event.mine ? 'mine' : 'theirs'] = event.weak
        this.#show()
        break
      case 'silenced':
        this.scope.report('silenced')
        break
      case 'closed':
        this.#closed(event.why)
        break
    }
  }

  #closed(why: Closed): void {
    // Coming back by ourselves would take the connection from the newer window, which would take it
    // from us.
    if (why === 'duplicate') this.#leaveElsewhere()
    else if (why === 'lost') this.#rejoinSoon()
    else void this.#object({ type: why })
  }

  async #object(objection: Objection): Promise<void> {
    const phase = this.#enter({ at: 'objected', by: objection.type })
    const verdict = await this.scope.objected(objection)
    if (this.#phase !== phase) return
    if (verdict === 'elsewhere') this.#leaveElsewhere()
    if (verdict !== 'rejoin') return
    // Not at once: the server has just said no.
    this.#failures = Math.max(1, this.#failures)
    this.#rejoinSoon()
  }

  #leaveElsewhere(): void {
    this.#enter({ at: 'elsewhere' })
    this.mic.release()
  }

  #rejoinSoon(): void {
    const last = REJOIN_PAUSES_MS.length - 1
    const pause = REJOIN_PAUSES_MS[Math.min(this.#failures, last)] ?? 0
    this.#failures++
    this.#enter({ at: 'pausing', cancel: this.deps.later(() => void this.#connect(), pause) })
  }

  #network(there: boolean): void {
    // The library may take a while to notice; the browser knows at once.
    this.#offline = !there
    if (there && this.#phase.at === 'pausing') {
      this.#failures = 1
      void this.#connect()
    }
    this.#show()
  }

  #enter<P extends Phase>(next: P): P {
    const before = this.#phase
    this.#phase = next
    if (before.at === 'pausing') before.cancel()
    const stays = 'connection' in next
    if (!stays && (before.at === 'opening' || 'connection' in before)) this.#hangUp(before)
    this.#show()
    return next
  }

  #hangUp(from: Phase): void {
    this.#connectionNo++
    this.#voices = []
    this.#weak = { mine: false, theirs: false }
    this.mic.detach()
    if ('connection' in from) from.connection.close()
    this.deps.playback.clear()
  }

  #show(): void {
    if (this.#phase.at === 'closed') return
    const before = this.#state.get()
    const next = this.#current()
    const keys = Object.keys(next) as (keyof MediaState)[]
    if (keys.some((key) => next[key] !== before[key])) this.#state.set(next)
  }

  #current(): MediaState {
    return {
      connection: this.#connection(),
      stuck: this.#stuck,
      mic: this.mic.state,
      device: this.mic.device,
      playback: this.deps.playback.state.get(),
      weak: this.#weak.mine ? 'mine' : this.#weak.theirs ? 'theirs' : undefined,
    }
  }

  #connection(): MediaState['connection'] {
    const phase = this.#phase
    const again = this.#failures > LOST_AFTER ? 'lost' : 'reconnecting'
    switch (phase.at) {
      case 'new':
      case 'admitting':
      case 'opening':
        return this.#failures === 0 ? 'connecting' : again
      case 'objected':
        return phase.by === 'rejected' && this.#failures === 0 ? 'connecting' : again
      case 'connected':
        return this.#offline ? 'reconnecting' : 'connected'
      case 'elsewhere':
        return 'elsewhere'
      default:
        return again
    }
  }
}
