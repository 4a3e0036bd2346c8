import { Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import { audioContext } from './audio'
import { type Stretch, share } from './heard'
import { loudness } from './meter'

/** A recording of somebody's. */
export interface Recording {
  /** Stays the same when the address is renewed. */
  key: string
  /** Good for five minutes. */
  url: string
  /** A new address, once this one is too old; undefined when there is nothing to hear any more. */
  renew?(): Promise<string | undefined>
}

export interface ClipsState {
  /** What plays, or would if it were not paused. */
  key: string | undefined
  status: 'idle' | 'loading' | 'playing' | 'paused'
  /** Why the last wish to hear something came to nothing. */
  problem: Problem | undefined
}

export interface Clips extends Readable<ClipsState> {
  /** From the beginning, or from where it was paused. Anything else stops. Call it from a tap or a key. */
  play(recording: Recording): Promise<void>
  pause(): void
  stop(): void
  /** 0..1; plays from there. */
  seek(recording: Recording, to: number): void
  /** How far it is, 0..1; asked for with every frame. */
  progress(): number
  /** How loud it is right now, 0..1. */
  level(): number
  /** Which share of it was heard so far, 0..1. */
  heard(key: string): number
  /** Its share has been told. */
  forget(key: string): void
  /** Fetches what will be asked for next, so that it begins at once. */
  prepare(recording: Recording): void
  onEnd(fn: (key: string) => void): () => void
}

/** An intro has a hundred kilobytes; these are enough to go back and forth. */
const KEPT = 6
const WINDOW = 1024
const WAKES_WITHIN_MS = 300
const nothing: ClipsState = { key: undefined, status: 'idle', problem: undefined }

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
async function bytes({ url, renew }: Recording): Promise<Blob> {
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
 * Plays recordings, one at a time in the whole page. They are fetched whole: so a refusal can be
 * told from a broken connection, and moving about in them needs no server.
 */
class Player implements Clips {
  readonly #state = new Writable<ClipsState>(nothing)
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  #element: HTMLAudioElement | undefined
  #analyser: AnalyserNode | undefined
  #samples = new Float32Array(WINDOW)
  #kept = new Map<string, Promise<Blob>>()
  #loaded: { key: string; src: string } | undefined
  #heard = new Map<string, number>()
  #ends = new Set<(key: string) => void>()
  /** The latest wish: an older one that is still being fetched plays no more. */
  #wish = 0

  play = (recording: Recording): Promise<void> => this.#from(recording, undefined)

  pause = (): void => {
    if (this.get().status === 'loading') this.stop()
    else this.#element?.pause()
  }

  stop = (): void => {
    this.#wish++
    this.#note()
    if (this.#element) {
      this.#element.pause()
      this.#element.currentTime = 0
    }
    this.#state.set(nothing)
  }

  seek = (recording: Recording, to: number): void => {
    void this.#from(recording, to)
  }

  progress = (): number => {
    const e = this.#element
    if (!e || this.get().key === undefined || this.#loaded?.key !== this.get().key) return 0
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

  onEnd = (fn: (key: string) => void): (() => void) => {
    this.#ends.add(fn)
    return () => this.#ends.delete(fn)
  }

  async #from(recording: Recording, to: number | undefined): Promise<void> {
    const wish = ++this.#wish
    const { key } = recording
    const element = this.#home()
    const resumed = this.#loaded?.key === key
    if (!resumed) {
      this.#note()
      element.pause()
      this.#loaded = undefined
      // Within the tap: from here on browsers let this element speak, whenever its sound is there.
      if (!element.src) element.load()
    }
    this.#state.set({ key, status: resumed ? 'playing' : 'loading', problem: undefined })
    try {
      await this.#hook(element)
      if (!resumed) {
        const blob = await this.#fetch(recording)
        if (wish !== this.#wish) return
        if (element.src) URL.revokeObjectURL(element.src)
        element.src = URL.createObjectURL(blob)
        this.#loaded = { key, src: element.src }
      }
      if (to !== undefined) await this.#move(element, to)
      if (wish === this.#wish) await element.play()
    } catch (thrown) {
      if (wish !== this.#wish || isAbort(thrown)) return
      this.#state.set({ key: undefined, status: 'idle', problem: Problem.of(thrown) })
    }
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
    if (known) return known
    const coming = bytes(recording)
    this.#kept.set(recording.key, coming)
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
    element.dataset.clips = ''
    element.hidden = true
    element.preload = 'auto'
    const show = (status: ClipsState['status']) => () => {
      const { key } = this.get()
      if (key !== undefined && this.#loaded?.key === key) this.#state.set({ ...this.get(), status })
    }
    element.addEventListener('playing', show('playing'))
    element.addEventListener('pause', show('paused'))
    element.addEventListener('ended', () => {
      const { key } = this.get()
      this.#note()
      if (key === undefined || this.#loaded?.key !== key) return
      element.currentTime = 0
      this.#state.set(nothing)
      for (const fn of this.#ends) fn(key)
    })
    element.addEventListener('error', () => {
      const { key } = this.get()
      // Taking a source away is an error, too; only one that is wanted counts.
      if (key === undefined || this.#loaded?.key !== key) return
      this.#kept.delete(key)
      this.#loaded = undefined
      const problem = new Problem({ code: 'unreadable', status: 0, detail: 'It does not play.' })
      this.#state.set({ key: undefined, status: 'idle', problem })
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

export const clips: Clips = new Player()
