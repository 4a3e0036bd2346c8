import type { Captured, Refused } from './capture'
import type { TalkConnection } from './mediaConnection'

/** A try to send that failed is repeated after this long, while there is a connection. */
const AGAIN_MS = 400

/**
 * 'off': not asked for yet. 'ready': open, and nobody hears it yet. 'taken': the phone or another
 * program took it away for now. 'missing': there is none, or another program holds it.
 */
export type MicState = 'off' | 'ready' | 'open' | 'muted' | 'taken' | Refused

export interface MicDeps {
  capture(): Promise<Captured>
  self(): string
  setVoice(personId: string, track: MediaStreamTrack | undefined): void
  /** Calls fn after ms, or not if the returned function was called before. */
  later(fn: () => void, ms: number): () => void
  /** Calls fn when the person has allowed the microphone in the browser, or taken that back. */
  onPermission(fn: (allowed: boolean) => void): () => void
  /** Calls fn when something was plugged in or pulled out. */
  onDevices(fn: () => void): () => void
}

export interface MicOptions {
  /** Whether it starts closed. */
  muted: boolean
  /**
   * What was taken away, pulled out or forbidden, and is back: whether it waits for its person to open
   * it again. Many may be listening in a room, and who made a phone call meanwhile does not think of
   * them; the one at the other end of a call waits for it.
   */
  backMuted: boolean
}

/**
 * The microphone of somebody who talks live, in a room or in a call. What the person last chose is the
 * truth and takes effect here first; whoever owns it tells the server. The system may take it (another
 * call, a headset that goes, a permission that ends): each has a state of its own, and none is 'open'.
 */
export class Microphone {
  #track: MediaStreamTrack | undefined
  #connection: TalkConnection | undefined
  #published = false
  #refused: Refused | undefined
  #taken = false
  #speaks = false
  #muted: boolean
  #device: string | undefined
  /** Counts uses, so that a microphone allowed after the end of one is not used. */
  #turn = 0
  #asking = false
  #retry: (() => void) | undefined
  #watching: (() => void)[] = []

  constructor(
    private readonly deps: MicDeps,
    private readonly changed: () => void,
    private readonly options: MicOptions,
  ) {
    this.#muted = options.muted
  }

  get state(): MicState {
    if (this.#refused) return this.#refused
    if (!this.#track) return 'off'
    if (this.#taken) return 'taken'
    if (!this.#speaks) return 'ready'
    return this.#muted ? 'muted' : 'open'
  }

  get muted(): boolean {
    return this.#muted
  }

  /** What it is called, also while it is away; to tell of another. */
  get device(): string | undefined {
    return this.#device
  }

  /** Asks the browser for it; again after a refusal. */
  async prepare(): Promise<void> {
    if (this.#track || this.#asking) return
    this.#watch()
    this.#asking = true
    const turn = this.#turn
    const got = await this.deps.capture()
    if (turn !== this.#turn) {
      if ('track' in got) got.track.stop()
      return
    }
    this.#asking = false
    this.#refused = 'refused' in got ? got.refused : undefined
    if ('track' in got) this.#hold(got.track)
    this.changed()
  }

  /** From now on others may hear us, unless muted. */
  speak(): void {
    if (this.#speaks) return
    this.#speaks = true
    void this.prepare()
    this.#apply()
    this.#publish()
    this.changed()
  }

  attach(connection: TalkConnection): void {
    this.#connection = connection
    this.#published = false
    this.#publish()
  }

  /** This connection is over; another one may have been attached meanwhile. */
  detach(connection: TalkConnection): void {
    if (this.#connection !== connection) return
    this.#connection = undefined
    this.#published = false
    this.#retry?.()
  }

  setMuted(muted: boolean): void {
    if (this.#muted === muted) return
    this.#muted = muted
    this.#apply()
    this.changed()
  }

  /** Another device, or the same one asked anew: the track changes under the running call. */
  async renew(): Promise<void> {
    this.#turn++
    this.#asking = false
    this.#drop()
    await this.prepare()
  }

  /** Lets it go: the browser's sign that somebody listens goes out. */
  release(): void {
    this.#turn++
    this.#asking = false
    for (const stop of this.#watching) stop()
    this.#watching = []
    this.#retry?.()
    this.#drop()
    this.#speaks = false
    this.#muted = this.options.muted
    this.#refused = undefined
    this.#device = undefined
    this.changed()
  }

  #watch(): void {
    if (this.#watching.length > 0) return
    this.#watching = [
      this.deps.onPermission((allowed) => {
        if (allowed && this.#refused === 'denied') void this.prepare()
        // Most browsers end the track as well; not all do.
        else if (!allowed && this.#track) this.#lost()
      }),
      // What was plugged in after the refusal is the answer to it.
      this.deps.onDevices(() => this.#refused === 'missing' && void this.prepare()),
    ]
  }

  #hold(track: MediaStreamTrack): void {
    this.#track = track
    this.#device = track.label
    this.#interrupted(track.muted === true)
    track.onended = () => this.#track === track && this.#lost()
    // A phone call takes it without ending it, and gives it back.
    track.onmute = () => this.#take(track, true)
    track.onunmute = () => this.#take(track, false)
    this.deps.setVoice(this.deps.self(), track)
    this.#apply()
    this.#publish()
  }

  #interrupted(taken: boolean): void {
    this.#taken = taken
    if (taken && this.options.backMuted) this.#muted = true
  }

  #take(track: MediaStreamTrack, taken: boolean): void {
    if (this.#track !== track || this.#taken === taken) return
    this.#interrupted(taken)
    this.#apply()
    this.changed()
  }

  /** Unplugged, or taken away in the browser's own settings. Another one may be there. */
  #lost(): void {
    this.#drop()
    if (this.options.backMuted) this.#muted = true
    this.changed()
    void this.prepare()
  }

  #drop(): void {
    const track = this.#track
    if (!track) return
    this.#connection?.unpublish()
    this.#published = false
    this.#track = undefined
    this.#taken = false
    track.onended = null
    track.onmute = null
    track.onunmute = null
    track.stop()
    this.deps.setVoice(this.deps.self(), undefined)
  }

  #apply(): void {
    // Before it may be heard nothing is sent, but the level may move one's own aura.
    if (this.#track) this.#track.enabled = !this.#speaks || !this.#muted
    if (this.#published) this.#connection?.setMuted(this.#muted)
  }

  /** Sending may be refused for a moment, until the media server has heard that we may speak. */
  #publish(): void {
    const connection = this.#connection
    const track = this.#track
    if (!connection || !track || !this.#speaks || this.#published) return
    this.#published = true
    connection.publish(track, this.#muted).catch(() => {
      if (this.#connection !== connection || this.#track !== track) return
      this.#published = false
      this.#retry = this.deps.later(() => this.#publish(), AGAIN_MS)
    })
  }
}
