import { postOffer } from '../api/listen'
import { Problem } from '../api/problem'
import type { Listen } from '../api/types'
import { environment } from '../realtime/environment'
import { type Readable, Writable } from '../ui/store'
import type { ConnectionEvent, ListenConnection, Offer } from './mediaConnection'
import type { MediaDeps } from './mediaSession'
import { Playback, type Sound } from './playback'
import { offerAudio, warmOffer } from './whep'

/** Pauses between tries to connect; the last one again and again. */
const AGAIN_MS = [0, 1000, 2000, 4000]

export type PublicListeningState =
  | { status: 'idle' | 'connecting' | 'playing' | 'reconnecting' }
  /** The network lets no sound through; we go on trying. */
  | { status: 'stuck' }
  /** The browser wants a tap for the sound. */
  | { status: 'blocked' }
  /** Nobody without an account hears this room any more. */
  | { status: 'gone' }
  /** The server has no place now, or says no for another reason. */
  | { status: 'refused'; problem: Problem }

export interface PublicDeps {
  offer: () => Promise<Offer>
  post(room: string, sdp: string): Promise<Listen>
  playback: MediaDeps['playback']
  wait(ms: number): Promise<void>
  /** Calls fn whenever the browser says that the network has gone (false) or is back (true). */
  onNetwork(fn: (there: boolean) => void): () => void
}

const browser = (): PublicDeps => ({
  offer: () => offerAudio(),
  post: postOffer,
  playback: new Playback(),
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  onNetwork: environment.onNetwork,
})

interface Open {
  connection: ListenConnection
  sound: Sound
}

/**
 * Listening to a shared room without an account: nothing but sound over the listening tier. A voice is
 * the number that stands for a speaker in this room; `level` of levels.ts knows it by that name.
 */
export class PublicListening implements Readable<PublicListeningState> {
  readonly #state = new Writable<PublicListeningState>({ status: 'idle' })
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  #open: Open | undefined
  /** Counts the wishes to listen: what an older one brings is closed. */
  #wish = 0
  /** Ends the pause before the next try. */
  #hurry: (() => void) | undefined
  #unwatch: (() => void) | undefined

  constructor(
    readonly roomId: string,
    /** Somebody is heard. */
    private readonly onVoice: (voice: string) => void = () => {},
    private readonly deps: PublicDeps = browser(),
  ) {
    deps.playback.state.subscribe(() => this.#played())
  }

  /** Makes an offer ahead, so that the tap only has to post it. */
  prepare(): void {
    void warmOffer()
  }

  /** To be called from a tap or a key: then browsers allow the sound. */
  play(): void {
    const { status } = this.get()
    if (status === 'blocked') this.deps.playback.resume()
    else if (status === 'idle' || status === 'refused') void this.#connect('connecting')
  }

  stop(): void {
    this.#drop()
    if (this.get().status !== 'gone') this.#state.set({ status: 'idle' })
  }

  /** The room is no longer shared, or is over. */
  end(): void {
    this.#drop()
    this.#state.set({ status: 'gone' })
  }

  close(): void {
    this.#drop()
  }

  #drop(): void {
    this.#wish++
    this.#unwatch?.()
    this.#unwatch = undefined
    const open = this.#open
    this.#open = undefined
    open?.sound.close()
    open?.connection.close()
  }

  async #connect(status: 'connecting' | 'reconnecting'): Promise<void> {
    const wish = ++this.#wish
    this.#unwatch ??= this.deps.onNetwork((there) => there && this.#hurry?.())
    this.#state.set({ status })
    for (let tries = 0; wish === this.#wish; tries++) {
      await this.#pause(AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)] ?? 0)
      if (wish !== this.#wish) return
      try {
        const next = await this.#dial(wish)
        if (wish !== this.#wish) {
          next.sound.close()
          next.connection.close()
          return
        }
        const before = this.#open
        this.#open = next
        next.sound.play()
        before?.sound.close()
        before?.connection.close()
        this.#state.set({ status: 'playing' })
        this.#played()
        return
      } catch (thrown) {
        if (wish !== this.#wish) return
        const problem = Problem.of(thrown)
        // Of a room that is not shared, the server asks to sign in.
        if ([401, 404, 410].includes(problem.status)) return this.end()
        // Anything else, a server that starts anew for example, passes.
        const final = problem.isRefusal || ['listen.full', 'no_webrtc'].includes(problem.code)
        if (final || problem.status === 429) {
          this.#drop()
          this.#state.set({ status: 'refused', problem })
          return
        }
      }
    }
  }

  /** Ends early when the network is back. */
  #pause(ms: number): Promise<void> {
    return Promise.race([
      this.deps.wait(ms),
      new Promise<void>((done) => {
        this.#hurry = done
      }),
    ])
  }

  async #dial(wish: number): Promise<Open> {
    const offer = await this.deps.offer()
    let answered: Listen
    try {
      answered = await this.deps.post(this.roomId, offer.sdp)
    } catch (thrown) {
      offer.close()
      throw thrown
    }
    const sound = this.deps.playback.open()
    let connection: ListenConnection | undefined
    const on = (event: ConnectionEvent) => {
      switch (event.type) {
        case 'output':
          sound.add(event.output, event.track)
          break
        case 'silence':
          sound.remove(event.output)
          break
        case 'speaker':
          sound.name(event.output, event.voice)
          if (event.voice !== undefined) this.onVoice(event.voice)
          break
        case 'stuck':
          if (wish === this.#wish) this.#state.set({ status: 'stuck' })
          break
        case 'closed':
          this.#lost(connection)
          break
        case 'connection':
          if (event.state === 'reconnecting') this.#lost(connection)
          break
        default:
      }
    }
    try {
      connection = await offer.accept(answered, on)
      return { connection, sound }
    } catch (thrown) {
      sound.close()
      throw thrown
    }
  }

  /** The way is bad, or the server has ended the session, which it does without a word. */
  #lost(connection: ListenConnection | undefined): void {
    if (connection === undefined || this.#open?.connection !== connection) return
    if (this.get().status !== 'reconnecting') void this.#connect('reconnecting')
  }

  #played(): void {
    const { status } = this.get()
    const blocked = this.deps.playback.state.get() === 'blocked'
    if (status === 'playing' && blocked) this.#state.set({ status: 'blocked' })
    if (status === 'blocked' && !blocked) this.#state.set({ status: 'playing' })
  }
}
