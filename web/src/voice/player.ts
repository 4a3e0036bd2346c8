import { type Person, Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import { audioContext } from './audio'
import { type Stretch, share } from './heard'
import * as live from './live'
import { loudness } from './meter'
import { chosenRate, type Rate } from './rate'

/** A recording of somebody's. */
export interface Recording {
  /** Stays the same when the address is renewed. */
  key: string
  /** Where it is fetched. That of a clip is good for five minutes. */
  url: string
  /** A new address, once this one is too old; undefined when there is nothing to hear any more. */
  renew?(): Promise<string | undefined>
  /** The sound itself, where it has not left this device. */
  sound?(): Blob
  /** What it is called by the bar at the foot and by the system. Without, neither shows it. */
  title?: string
  /** In whose conversation or profile it is at home. */
  person?: Pick<Person, 'id' | 'name' | 'voice'>
  /** A message: it goes on where it was left, and at the speed chosen for all of them. */
  message?: true
  /** The id of the moment that it is. */
  moment?: string
  /** Of somebody who calls: it ends with the ringing, and what gave way to that goes on. */
  taste?: true
  /** An intro of Radio: its place is Discover. */
  radio?: true
  /** A picture that stands for it on the lock screen. */
  artwork?: string
  /** How long it is quiet before it follows another by itself. */
  afterMs?: number
  /** It has begun to sound. */
  onBegin?(): void
  /** It has sounded to its end. */
  onEnd?(): void
  /** What plays on after it, and what came before; asked for when it is time. */
  next?(): Recording | undefined
  previous?(): Recording | undefined
}

export interface PlayerState {
  /** What plays, or would if it were not paused. */
  key: string | undefined
  recording: Recording | undefined
  status: 'idle' | 'loading' | 'playing' | 'paused'
  /** Why the last wish to hear something came to nothing. */
  problem: Problem | undefined
  /** Of messages. */
  rate: Rate
}

export interface Player extends Readable<PlayerState> {
  /**
   * From the beginning, or from where it was paused. Anything else stops. Call it from a tap or a key;
   * what follows something else may wait for a breath.
   */
  play(recording: Recording, waitMs?: number): Promise<void>
  pause(): void
  stop(): void
  /** 0..1; plays from there. */
  seek(recording: Recording, to: number): void
  /** Back or on within what plays, seconds. */
  skip(seconds: number): void
  /** Plays what comes after or before what plays; back from the first is its beginning. */
  go(way: 'next' | 'previous'): void
  setRate(rate: Rate): void
  /** How far it is, 0..1; asked for with every frame. */
  progress(): number
  /** Where a message was left, 0..1. */
  left(key: string): number
  /** How long what plays is, seconds; 0 until that is known. */
  duration(): number
  /** How loud it is right now, 0..1. */
  level(): number
  /** Which share of it was heard so far, 0..1. */
  heard(key: string): number
  /** Its share has been told. */
  forget(key: string): void
  /** Fetches what will be asked for next, so that it begins at once. */
  prepare(recording: Recording): void
  /** Nothing of somebody's is to be heard here any more; of everybody, without a person. */
  drop(person?: string): void
  /** This recording is not to be heard any more: it was deleted. */
  dropOne(key: string): void
}

/** An intro has a hundred kilobytes; these are enough to go back and forth. */
const KEPT = 6
const PLACES = 200
/** The speed of messages. */
const messageRate = chosenRate('heyy.rate')
const WINDOW = 1024
const WAKES_WITHIN_MS = 300
const nothing = {
  key: undefined,
  recording: undefined,
  status: 'idle',
  problem: undefined,
} as const

async function fetchOnce(url: string): Promise<Blob> {
  let response: Response
  try {
    response = await fetch(url, { credentials: 'same-origin' })
  } catch {
    throw Problem.offline()
  }
  if (!response.ok) throw await Problem.fromResponse(response)
  return response.blob()
}

/** An address that is too old, or of a recording that was replaced, is renewed without a word. */
async function bytes({ url, renew, sound }: Recording): Promise<Blob> {
  if (sound) return sound()
  try {
    return await fetchOnce(url)
  } catch (thrown) {
    const { status } = Problem.of(thrown)
    if (!renew || (status !== 404 && status !== 410)) throw thrown
    const again = await renew()
    if (!again || again === url) throw thrown
    return fetchOnce(again)
  }
}

/**
 * RecordingPlayer plays recordings, one at a time in the whole page: intros, messages, whatever is no
 * live voice. It lives outside React, so that walking around does not cut it. It gives way to calls and
 * rooms, and goes on after them. Recordings are fetched whole: so a refusal can be told from a broken
 * connection, and moving about in them needs no server.
 */
export class RecordingPlayer implements Player {
  readonly #state = new Writable<PlayerState>({ ...nothing, rate: messageRate.get() })
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  #element: HTMLAudioElement | undefined
  #analyser: AnalyserNode | undefined
  #samples = new Float32Array(WINDOW)
  #kept = new Map<string, { person: string | undefined; coming: Promise<Blob> }>()
  #loaded: { recording: Recording; key: string; src: string } | undefined
  /** Where messages were left, seconds. */
  #places = new Map<string, { at: number; of: number }>()
  /** What gave way to a call or a room, and how far it was, 0..1. */
  #held: { recording: Recording; at: number | undefined } | undefined
  #heard = new Map<string, number>()
  /** The latest wish: an older one that is still being fetched plays no more. */
  #wish = 0

  constructor(private readonly interrupted: Readable<boolean> = live.interrupted) {
    let was = interrupted.get()
    interrupted.subscribe(() => {
      const is = interrupted.get()
      if (is === was) return
      was = is
      if (is) this.#hold()
      else this.#resume()
    })
  }

  play = (recording: Recording, waitMs = 0): Promise<void> =>
    this.#from(recording, undefined, waitMs)

  pause = (): void => {
    this.#release(this.get().key)
    if (this.get().status === 'loading') {
      this.#wish++
      this.#state.set({ ...this.get(), status: 'paused' })
    } else this.#element?.pause()
  }

  stop = (): void => {
    this.#wish++
    this.#note()
    this.#leavePlace()
    if (this.#element) {
      this.#element.pause()
      this.#element.currentTime = 0
    }
    // What it was left at is where it begins the next time.
    if (this.#loaded?.recording.message) this.#loaded = undefined
    this.#state.set({ ...nothing, rate: this.get().rate })
  }

  skip = (seconds: number): void => {
    const element = this.#element
    if (!element || !this.#plays() || !(element.duration > 0)) return
    element.currentTime = Math.min(element.duration, Math.max(0, element.currentTime + seconds))
  }

  go = (way: 'next' | 'previous'): void => {
    const { recording } = this.get()
    const to = recording?.[way]?.()
    if (to) void this.play(to)
    else if (recording && way === 'previous') this.seek(recording, 0)
  }

  setRate = (rate: Rate): void => {
    messageRate.choose(rate)
    this.#state.set({ ...this.get(), rate })
    this.#pace()
  }

  left = (key: string): number => {
    const place = this.#places.get(key)
    return place && place.of > 0 ? place.at / place.of : 0
  }

  duration = (): number => (this.#plays() && this.#element?.duration) || 0

  drop = (person?: string): void => {
    this.#dropAll((_, of) => person === undefined || of === person)
    if (person === undefined) this.#places.clear()
  }

  dropOne = (key: string): void => {
    this.#dropAll((one) => one === key)
    this.#places.delete(key)
  }

  #dropAll(is: (key: string, person: string | undefined) => boolean): void {
    const isOne = (of: Recording | undefined) => of !== undefined && is(of.key, of.person?.id)
    if (isOne(this.#held?.recording)) this.#held = undefined
    if (isOne(this.get().recording)) this.stop()
    if (isOne(this.#loaded?.recording)) this.#unload()
    for (const [key, { person }] of this.#kept) if (is(key, person)) this.#kept.delete(key)
  }

  seek = (recording: Recording, to: number): void => {
    void this.#from(recording, to)
  }

  progress = (): number => {
    const e = this.#element
    if (!e || !this.#plays()) return 0
    return e.duration > 0 ? Math.min(1, e.currentTime / e.duration) : 0
  }

  level = (): number => {
    if (!this.#analyser || this.get().status !== 'playing') return 0
    this.#analyser.getFloatTimeDomainData(this.#samples)
    return loudness(this.#samples)
  }

  heard = (key: string): number => {
    if (this.#loaded?.key === key) this.#note()
    return this.#heard.get(key) ?? 0
  }

  forget = (key: string): void => {
    this.#heard.delete(key)
  }

  prepare = (recording: Recording): void => {
    // If it fails, asking for it in earnest says why.
    this.#fetch(recording).catch(() => undefined)
  }

  async #from(recording: Recording, to: number | undefined, waitMs = 0): Promise<void> {
    const wish = ++this.#wish
    const quiet = waitMs > 0 && new Promise<void>((done) => setTimeout(done, waitMs))
    const { key } = recording
    const element = this.#home()
    const resumed = this.#loaded?.key === key
    // What is heard in a call, such as a taste of somebody, does not change what waits for its end.
    this.#release(this.interrupted.get() ? key : this.#held?.recording.key)
    if (!resumed) {
      this.#note()
      this.#leavePlace()
      element.pause()
      this.#loaded = undefined
      // Within the tap: from here on browsers let this element speak, whenever its sound is there.
      if (!element.src) element.load()
    }
    const status = resumed ? 'playing' : 'loading'
    this.#state.set({ ...this.get(), key, recording, status, problem: undefined })
    try {
      await this.#hook(element)
      if (!resumed) {
        const blob = await this.#fetch(recording)
        await quiet
        if (wish !== this.#wish) return
        if (element.src) URL.revokeObjectURL(element.src)
        element.src = URL.createObjectURL(blob)
        this.#loaded = { recording, key, src: element.src }
      }
      this.#pace()
      const from = to ?? (resumed ? undefined : this.left(key) || undefined)
      if (from !== undefined) await this.#move(element, from)
      if (wish === this.#wish) await element.play()
    } catch (thrown) {
      if (wish !== this.#wish || isAbort(thrown)) return
      this.#fail(Problem.of(thrown))
    }
  }

  #fail(problem: Problem): void {
    this.#state.set({ ...nothing, problem, rate: this.get().rate })
  }

  /** Whether what is to be heard is loaded. */
  #plays(): boolean {
    const { key } = this.get()
    return key !== undefined && this.#loaded?.key === key
  }

  /** Loading a source sets the speed back. */
  #pace(): void {
    const element = this.#element
    if (!element) return
    const rate = this.#loaded?.recording.message ? this.get().rate : 1
    element.defaultPlaybackRate = rate
    element.playbackRate = rate
  }

  #leavePlace(): void {
    const element = this.#element
    const loaded = this.#loaded
    if (!element || !loaded?.recording.message || !(element.duration > 0)) return
    this.#places.delete(loaded.key)
    if (element.currentTime <= 0 || element.ended) return
    this.#places.set(loaded.key, { at: element.currentTime, of: element.duration })
    const [oldest] = this.#places.keys()
    if (this.#places.size > PLACES && oldest !== undefined) this.#places.delete(oldest)
  }

  #unload(): void {
    const element = this.#element
    if (element?.src) URL.revokeObjectURL(element.src)
    this.#loaded = undefined
    element?.removeAttribute('src')
    element?.load()
  }

  /** It waits no more. */
  #release(key: string | undefined): void {
    if (this.#held?.recording.key === key) this.#held = undefined
  }

  #hold(): void {
    const { status, recording } = this.get()
    if (!recording || (status !== 'playing' && status !== 'loading')) return
    const at = this.progress() || undefined
    this.pause()
    this.#held = { recording, at }
  }

  #resume(): void {
    const held = this.#held
    this.#held = undefined
    if (this.get().recording?.taste) this.stop()
    const { status, key } = this.get()
    // Meanwhile something else was asked for.
    if (!held || status === 'playing' || status === 'loading') return
    if (key !== undefined && key !== held.recording.key) return
    const { recording, at } = held
    // Something else was loaded in its place, such as a taste of somebody.
    void this.#from(recording, this.#loaded?.key === recording.key ? undefined : at)
  }

  async #move(element: HTMLAudioElement, to: number): Promise<void> {
    if (!(element.duration > 0)) {
      await new Promise<void>((done) => {
        element.addEventListener('loadedmetadata', () => done(), { once: true })
        element.addEventListener('error', () => done(), { once: true })
      })
    }
    if (element.duration > 0) element.currentTime = Math.min(1, Math.max(0, to)) * element.duration
  }

  #fetch(recording: Recording): Promise<Blob> {
    const known = this.#kept.get(recording.key)
    if (known) return known.coming
    const coming = bytes(recording)
    this.#kept.set(recording.key, { person: recording.person?.id, coming })
    coming.catch(() => this.#kept.delete(recording.key))
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
    return coming
  }

  /** Lets auras move to what plays. Without a running audio context it plays all the same. */
  async #hook(element: HTMLAudioElement): Promise<void> {
    const context = audioContext()
    // Until a browser has seen a touch it answers neither yes nor no.
    const refused = new Promise<void>((done) => setTimeout(done, WAKES_WITHIN_MS))
    if (context.state !== 'running') await Promise.race([context.resume(), refused])
    if (this.#analyser || context.state !== 'running') return
    const analyser = new AnalyserNode(context, { fftSize: WINDOW })
    context.createMediaElementSource(element).connect(analyser).connect(context.destination)
    this.#analyser = analyser
    // A call on the phone takes the sound: nothing is heard, so nothing plays.
    context.addEventListener('statechange', () => {
      if (context.state !== 'running' && this.get().status === 'playing') element.pause()
    })
  }

  #note(): void {
    const element = this.#element
    const key = this.#loaded?.key
    if (!element || key === undefined) return
    const played: Stretch[] = []
    for (let i = 0; i < element.played.length; i++) {
      played.push([element.played.start(i), element.played.end(i)])
    }
    const now = share(played, element.duration)
    if (now > (this.#heard.get(key) ?? 0)) this.#heard.set(key, now)
  }

  /** One element in the document, where the browser's own controls for sound find it. */
  #home(): HTMLAudioElement {
    if (this.#element) return this.#element
    const element = document.createElement('audio')
    element.dataset.player = ''
    element.hidden = true
    element.preload = 'auto'
    const show = (status: PlayerState['status']) => () => {
      if (this.#plays()) this.#state.set({ ...this.get(), status })
    }
    element.addEventListener('playing', show('playing'))
    element.addEventListener('playing', () => {
      if (this.#plays()) this.get().recording?.onBegin?.()
    })
    element.addEventListener('pause', show('paused'))
    element.addEventListener('ended', () => {
      const { key, recording } = this.get()
      this.#note()
      if (key === undefined || !this.#plays()) return
      this.#places.delete(key)
      element.currentTime = 0
      recording?.onEnd?.()
      const next = recording?.next?.()
      if (next) void this.play(next, next.afterMs)
      else this.#state.set({ ...nothing, rate: this.get().rate })
    })
    element.addEventListener('error', () => {
      const { key } = this.get()
      // Taking a source away is an error, too; only one that is wanted counts.
      if (key === undefined || !this.#plays()) return
      this.#kept.delete(key)
      this.#loaded = undefined
      this.#fail(new Problem({ code: 'unreadable', status: 0, detail: 'It does not play.' }))
    })
    document.body.append(element)
    this.#element = element
    return element
  }
}

/** Stopped or replaced while it began: that is what was wished. */
function isAbort(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError'
}

export const player: Player = new RecordingPlayer()
