import { Problem, type ReplayPart } from '../api'
import { type Readable, Writable } from '../ui/store'
import { audioContext } from './audio'
import { onUnless } from './choice'
import type { Stretch } from './heard'
import { interrupted } from './live'
import { player } from './player'
import { chosenRate, type Rate } from './rate'
import { stretch } from './stretch'

export interface ReplayState {
  status: 'paused' | 'loading' | 'playing'
  /** Who is heard now. */
  speaking: readonly string[]
  rate: Rate
  /** Whether silence is left out. */
  skips: boolean
  problem: Problem | undefined
}

/** What a replay needs of the browser. */
export interface ReplayDeps {
  context(): AudioContext
  fetch(part: string): Promise<ArrayBuffer>
  /** A part is there no more: its speaker has withdrawn, or the replay is deleted. */
  onGone(): void
  /** What else is heard: a replay gives way to it. */
  busy: Readable<boolean>
}

/** How far ahead of what is heard parts are scheduled, seconds of the clock. */
const AHEAD_S = 4
/** How far ahead they are fetched and decoded, seconds of the replay. */
const FETCH_S = 30
const PUMP_MS = 200
/** How long after a network that fails it is tried again. */
const RETRY_MS = 2000
/** Silence that is skipped is longer than this, and this much of it is left. */
const SILENCE_MS = 800
const LEFT_MS = 250
/** Parts that begin together are begun together. */
const START_S = 0.08

/** As this device played the replay before. */
const chosen = { rate: chosenRate('heyy.replay_rate'), skips: onUnless('heyy.replay_silence') }

const endOf = (part: ReplayPart) => part.at + part.ms

/**
 * Plays the voices of a replay in step, each from recordings of its own: all are put on one clock, that of
 * the AudioContext, so that they keep to each other to the sample. It is ahead of what is heard by some
 * seconds, so that a tab in the background plays on.
 */
export class ReplayPlayer {
  readonly #state = new Writable<ReplayState>({
    status: 'paused',
    speaking: [],
    rate: chosen.rate.get(),
    skips: chosen.skips.get(),
    problem: undefined,
  })
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  readonly #buffers = new Map<string, Promise<AudioBuffer>>()
  readonly #decoded = new Map<string, AudioBuffer>()
  /** When something is heard in what was decoded, milliseconds since the beginning of the room. */
  readonly #heard = new Map<string, readonly Stretch[]>()
  readonly #sources = new Map<string, AudioBufferSourceNode>()
  /** Milliseconds of the replay that are heard at a second of the context's clock. */
  #anchor = { at: 0, clock: 0 }
  #pumping: ReturnType<typeof setInterval> | undefined
  #stop: (() => void) | undefined
  #retryAt = 0

  constructor(
    private parts: readonly ReplayPart[],
    private readonly deps: ReplayDeps,
    at = 0,
  ) {
    this.#anchor.at = Math.min(Math.max(at, this.begin), this.end)
  }

  /** Milliseconds since the beginning of the room: of the first word, and of the end of the last. */
  get begin(): number {
    return this.parts[0]?.at ?? 0
  }
  get end(): number {
    return this.parts.reduce((last, part) => Math.max(last, endOf(part)), 0)
  }

  /** What is heard now, milliseconds since the beginning of the room. */
  at = (): number => {
    const { status, rate } = this.get()
    if (status !== 'playing') return this.#anchor.at
    const passed = Math.max(0, this.deps.context().currentTime - this.#anchor.clock)
    return Math.min(this.end, this.#anchor.at + passed * 1000 * rate)
  }

  /** From a tap or a key. */
  play = (): void => {
    if (this.get().status !== 'paused') return
    if (this.deps.busy.get()) return
    if (this.#anchor.at >= this.end) this.#anchor.at = this.begin
    player.stop()
    void this.deps.context().resume()
    this.#set({ status: 'loading', problem: undefined })
    const unlisten = [
      this.deps.busy.subscribe(() => this.deps.busy.get() && this.pause()),
      player.subscribe(() => player.get().status === 'playing' && this.pause()),
    ]
    this.#stop = () => {
      for (const undo of unlisten) undo()
    }
    this.#pumping = setInterval(this.#pump, PUMP_MS)
    this.#pump()
  }

  pause = (): void => {
    if (this.get().status === 'paused') return
    this.#anchor.at = this.at()
    this.#silence()
    clearInterval(this.#pumping)
    this.#stop?.()
    this.#set({ status: 'paused', speaking: [] })
  }

  seek = (at: number): void => {
    this.#anchor.at = Math.min(Math.max(at, this.begin), this.end)
    this.#restart()
  }

  /** What there is now: of voices that are withdrawn nothing more is heard, not even what was fetched. */
  setParts = (parts: readonly ReplayPart[]): void => {
    const left = new Set(parts.map((part) => part.id))
    for (const { id } of this.parts) {
      if (left.has(id)) continue
      const source = this.#sources.get(id)
      if (source) {
        source.onended = null
        source.stop()
        source.disconnect()
      }
      this.#sources.delete(id)
      this.#buffers.delete(id)
      this.#decoded.delete(id)
      this.#heard.delete(id)
    }
    this.parts = parts
    this.#set({})
  }

  skip = (seconds: number): void => this.seek(this.at() + seconds * 1000)

  setRate = (rate: Rate): void => {
    this.#anchor.at = this.at()
    chosen.rate.choose(rate)
    this.#set({ rate })
    this.#restart()
  }

  setSkips = (skips: boolean): void => {
    chosen.skips.choose(skips)
    this.#set({ skips })
  }

  /** To where somebody else begins to speak; undefined: nobody does any more. */
  next = (): number | undefined => {
    const at = this.at()
    const now = new Set(this.parts.filter((p) => p.at <= at && endOf(p) > at).map((p) => p.person))
    const to = this.parts.find((p) => p.at > at && !now.has(p.person))?.at
    if (to !== undefined) this.seek(to)
    return to
  }

  close = (): void => {
    this.pause()
    this.#buffers.clear()
    this.#decoded.clear()
    this.#heard.clear()
  }

  #set(change: Partial<ReplayState>): void {
    this.#state.set({ ...this.get(), ...change })
  }

  #silence(): void {
    for (const source of this.#sources.values()) {
      source.onended = null
      source.stop()
      source.disconnect()
    }
    this.#sources.clear()
  }

  /** Goes on from the anchor. */
  #restart(): void {
    this.#silence()
    if (this.get().status === 'paused') {
      this.#set({}) // who looks at the place sees it
      return
    }
    this.#set({ status: 'loading' })
    this.#pump()
  }

  #pump = (): void => {
    const { status, rate, skips } = this.get()
    if (status === 'paused') return
    let at = this.at()
    if (at >= this.end) {
      this.pause()
      return
    }
    const next = this.#nextSound(at)
    if (skips && next - at > SILENCE_MS) {
      this.#silence()
      at = next - LEFT_MS
      this.#anchor = { at, clock: this.deps.context().currentTime }
    }
    const until = at + FETCH_S * 1000
    const wanted = this.parts.filter((part) => endOf(part) > at && part.at < until)
    for (const part of wanted) this.#fetch(part)
    for (const key of this.#decoded.keys()) {
      if (wanted.some((part) => part.id === key)) continue
      this.#decoded.delete(key)
      this.#buffers.delete(key)
      this.#heard.delete(key)
    }
    const needed = wanted.filter((part) => part.at < at + 1000)
    if (needed.some((part) => !this.#decoded.has(part.id))) {
      if (status === 'playing') {
        this.#anchor.at = at
        this.#silence()
        this.#set({ status: 'loading' })
      }
      return
    }
    if (status === 'loading') {
      this.#anchor = { at, clock: this.deps.context().currentTime + START_S }
      this.#set({ status: 'playing' })
    }
    for (const part of wanted) {
      if (part.at < at + AHEAD_S * 1000 * rate) this.#schedule(part)
    }
    const speaking = [...new Set(wanted.filter((p) => p.at <= at).map((p) => p.person))]
    if (speaking.join() !== this.get().speaking.join()) this.#set({ speaking })
  }

  /** When something is heard next; of what is not decoded yet, all of it. */
  #nextSound(at: number): number {
    let next = this.end
    for (const part of this.parts) {
      if (endOf(part) <= at || part.at >= next) continue
      const sounds = this.#heard.get(part.id) ?? [[part.at, endOf(part)]]
      const sound = sounds.find(([, to]) => to > at)
      if (sound) next = Math.min(next, Math.max(at, sound[0]))
    }
    return next
  }

  #schedule(part: ReplayPart): void {
    const buffer = this.#decoded.get(part.id)
    if (!buffer || this.#sources.has(part.id)) return
    const context = this.deps.context()
    const { rate } = this.get()
    const source = new AudioBufferSourceNode(context, { buffer: faster(context, buffer, rate) })
    source.connect(context.destination)
    const starts = this.#anchor.clock + (part.at - this.#anchor.at) / 1000 / rate
    const now = context.currentTime
    if (starts >= now) source.start(starts)
    else source.start(now, now - starts)
    source.onended = () => source.disconnect()
    this.#sources.set(part.id, source)
  }

  #fetch(part: ReplayPart): void {
    if (this.#buffers.has(part.id) || performance.now() < this.#retryAt) return
    const coming = this.deps
      .fetch(part.id)
      .then((data) => this.deps.context().decodeAudioData(data))
    this.#buffers.set(part.id, coming)
    coming.then(
      (buffer) => {
        if (this.#buffers.get(part.id) !== coming) return
        this.#decoded.set(part.id, buffer)
        this.#heard.set(
          part.id,
          soundsIn(buffer).map(([from, to]) => [part.at + from, part.at + to]),
        )
        if (this.get().problem) this.#set({ problem: undefined })
        if (this.get().status === 'loading') this.#pump()
      },
      (thrown) => {
        if (this.#buffers.get(part.id) !== coming) return
        this.#buffers.delete(part.id)
        const problem = Problem.of(thrown)
        if (problem.status === 404) {
          this.setParts(this.parts.filter((one) => one !== part))
          this.deps.onGone()
          return
        }
        // A network that is gone comes back, and it plays on from here.
        if (problem.code === 'offline') this.#retryAt = performance.now() + RETRY_MS
        else this.pause()
        this.#set({ problem })
      },
    )
  }
}

/** Quieter than this is silence: -50 dB of full scale, 50 ms at a time. */
const SILENT = 10 ** (-50 / 20)
const LOOK_S = 0.05

/** When something is heard in a recording, milliseconds since its beginning. */
function soundsIn(buffer: AudioBuffer): Stretch[] {
  const samples = buffer.getChannelData(0)
  const length = Math.round(LOOK_S * buffer.sampleRate)
  const sounds: [number, number][] = []
  for (let from = 0; from < samples.length; from += length) {
    const some = samples.subarray(from, from + length)
    let sum = 0
    for (const x of some) sum += x * x
    if (Math.sqrt(sum / some.length) < SILENT) continue
    const at = (from / buffer.sampleRate) * 1000
    const to = ((from + some.length) / buffer.sampleRate) * 1000
    const last = sounds.at(-1)
    if (last && at - last[1] < LEFT_MS) last[1] = to
    else sounds.push([at, to])
  }
  return sounds
}

function faster(context: AudioContext, buffer: AudioBuffer, rate: Rate): AudioBuffer {
  if (rate === 1) return buffer
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, i) =>
    stretch(buffer.getChannelData(i), rate, buffer.sampleRate),
  )
  const out = context.createBuffer(channels.length, channels[0]?.length ?? 1, buffer.sampleRate)
  channels.forEach((samples, i) => {
    out.getChannelData(i).set(samples)
  })
  return out
}

async function fetchPart(replay: string, part: string): Promise<ArrayBuffer> {
  let response: Response
  try {
    response = await fetch(`/api/replays/${replay}/parts/${part}`, { credentials: 'same-origin' })
  } catch {
    throw Problem.offline()
  }
  if (!response.ok) throw await Problem.fromResponse(response)
  return response.arrayBuffer()
}

/** A replay that begins at a moment, milliseconds since the beginning of the room. */
export const playReplay = (
  id: string,
  parts: readonly ReplayPart[],
  at: number,
  onGone: () => void,
): ReplayPlayer =>
  new ReplayPlayer(
    parts,
    { context: audioContext, fetch: (part) => fetchPart(id, part), onGone, busy: interrupted },
    at,
  )
