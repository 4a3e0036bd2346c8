import type { CDPSession } from '@playwright/test'
import { expect } from '@playwright/test'
import type { Person } from './person.ts'

/** How many samples a block of the tap has: 2.7 ms at 48 kHz, what Web Audio renders at once. */
const BLOCK = 128
export const BLOCK_MS = (BLOCK / 48_000) * 1000

/** A tone counts from here on; loud is 0.5 in these tests, and what Opus leaves of silence 0.001. */
const AUDIBLE = 0.1

/** What one <audio> element played: the amplitude of the tone in each block; `from`: the first block. */
export interface Played {
  element: number
  from: number
  amplitudes: number[]
  /** When the tone was there first, in Unix ms by the clock of the audio thread; 0: never. */
  first: number
}

/** What a page has played, by one clock of samples. */
export interface Tape {
  played: Played[]
  /** When blocks were rendered: `at` in Unix ms, `end` the block after. */
  rendered: { end: number; at: number }[]
  /** When timers of the page were late, and by how much: what the machine did meanwhile. Unix ms, ms. */
  late: { at: number; by: number }[]
}

interface Tap {
  /** Begins anew, to listen for a tone. */
  start(hz: number): Promise<void>
  /** What has been played since. */
  read(): Promise<Tape>
}

declare global {
  interface Window {
    heyyTap: Tap
  }
}

/** Runs in the audio thread: measures a tone in each block of what comes. */
const worklet = `registerProcessor('heyy-tap', class extends AudioWorkletProcessor {
  constructor({ processorOptions: { hz } }) {
    super()
    this.c = 2 * Math.cos((2 * Math.PI * hz) / sampleRate)
    this.open = true
    this.amplitudes = []
    this.first = 0
    this.port.onmessage = ({ data }) => {
      this.tell()
      if (data === 'end') this.open = false
      else this.port.postMessage('told')
    }
  }
  tell() {
    const { amplitudes, first } = this
    this.port.postMessage({ end: currentFrame / ${BLOCK}, at: Date.now(), amplitudes, first })
    this.amplitudes = []
  }
  process([[samples]]) {
    let [a, b] = [0, 0]
    for (let i = 0; samples && i < ${BLOCK}; i++) {
      const next = samples[i] + this.c * a - b
      b = a
      a = next
    }
    const power = Math.max(0, a * a + b * b - this.c * a * b)
    const amplitude = (2 * Math.sqrt(power)) / ${BLOCK}
    this.amplitudes.push(amplitude)
    if (amplitude >= ${AUDIBLE} && this.first === 0) this.first = Date.now()
    if (this.amplitudes.length >= 37) this.tell()
    return this.open
  }
})`

/**
 * Runs in the page, before its own scripts: taps the stream of every <audio> element of live sound, as
 * loud as the element plays it, and measures a tone by the samples of one AudioContext.
 */
function tap(worklet: string): void {
  interface Feed {
    played: { element: number; from: number; amplitudes: number[]; first: number }
    node: AudioWorkletNode
    gate: GainNode
    source: MediaStreamAudioSourceNode | undefined
    told: (() => void) | undefined
  }
  const feeds = new Map<HTMLMediaElement, Feed>()
  const all: Feed[] = []
  const live = new Set<HTMLMediaElement>()
  let context: AudioContext | undefined
  let tone = 0
  let rendered: { end: number; at: number }[] = []
  let late: { at: number; by: number }[] = []

  const end = (element: HTMLMediaElement) => {
    const feed = feeds.get(element)
    if (!feed) return
    feeds.delete(element)
    feed.gate.gain.value = 0
    feed.source?.disconnect()
    feed.node.port.postMessage('end')
  }

  // A voice that is played louder than it came sounds through Web Audio, its element muted.
  const sounds = (element: HTMLMediaElement) =>
    element.muted && !element.hasAttribute('data-boosted') ? 0 : 1

  const follow = (element: HTMLMediaElement) => {
    const stream = element.srcObject
    if (!(stream instanceof MediaStream)) {
      live.delete(element)
      end(element)
      return
    }
    live.add(element)
    if (!context) return
    const known = feeds.get(element)
    if (known) {
      known.gate.gain.value = sounds(element)
      return
    }
    const node = new AudioWorkletNode(context, 'heyy-tap', {
      numberOfOutputs: 1,
      channelCount: 1,
      channelCountMode: 'explicit',
      processorOptions: { hz: tone },
    })
    const gate = new GainNode(context, { gain: sounds(element) })
    const source = context.createMediaStreamSource(stream)
    const played = { element: all.length, from: -1, amplitudes: [] as number[], first: 0 }
    const feed: Feed = { played, node, gate, source, told: undefined }
    node.port.onmessage = ({ data }) => {
      if (data === 'told') {
        feed.told?.()
        return
      }
      const {
        end: last,
        at,
        amplitudes,
        first,
      } = data as {
        end: number
        at: number
        amplitudes: number[]
        first: number
      }
      if (amplitudes.length === 0) return
      if (played.from < 0) played.from = last - amplitudes.length
      for (const a of amplitudes) played.amplitudes.push(a)
      played.first = first
      rendered.push({ end: last, at })
    }
    source.connect(gate).connect(node).connect(context.destination)
    feeds.set(element, feed)
    all.push(feed)
  }

  const watch = (of: object, name: string) => {
    const property = Object.getOwnPropertyDescriptor(of, name)
    const { get, set } = property ?? {}
    if (!property || !get || !set) throw new Error(`no property ${name}`)
    Object.defineProperty(of, name, {
      ...property,
      set(this: HTMLMediaElement, value) {
        set.call(this, value)
        follow(this)
      },
    })
  }
  watch(HTMLMediaElement.prototype, 'muted')
  watch(HTMLMediaElement.prototype, 'srcObject')

  const every = 10
  let ticked = Date.now()
  setInterval(() => {
    const at = Date.now()
    if (at - ticked > 2 * every) late.push({ at, by: at - ticked - every })
    ticked = at
  }, every)

  window.heyyTap = {
    async start(hz) {
      tone = hz
      for (const element of [...feeds.keys()]) end(element)
      all.length = 0
      rendered = []
      late = []
      if (!context) {
        const made = new AudioContext({ sampleRate: 48_000 })
        await made.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(worklet)}`)
        await made.resume()
        context = made
      }
      for (const element of live) follow(element)
    },
    async read() {
      await Promise.all(
        [...feeds.values()].map(
          (feed) =>
            new Promise<void>((told) => {
              feed.told = told
              feed.node.port.postMessage('tell')
            }),
        ),
      )
      return {
        played: all.map(({ played }) => played).filter(({ from }) => from >= 0),
        rendered,
        late,
      }
    },
  }
}

/** Gives a page the tap; before its first address. */
export async function tapped(of: Person): Promise<CDPSession> {
  const session = await of.context.newCDPSession(of.page)
  // The page's own policy allows no module for the audio thread but its own.
  await session.send('Page.setBypassCSP', { enabled: true })
  await of.page.addInitScript(tap, worklet)
  return session
}

export const startTap = (of: Person, hz: number) =>
  of.page.evaluate((tone) => window.heyyTap.start(tone), hz)

export const readTap = (of: Person) => of.page.evaluate(() => window.heyyTap.read())

/** What is heard of a tone over time. All in ms. */
export interface Heard {
  /** The longest time without the tone from one element to another. */
  gap: number
  /** The longest time without it while one element plays on: the machine, or the network, stutters. */
  stutter: number
  /** The longest time for which two elements played it at once. */
  overlap: number
  /** How often another element went on with it. */
  changes: number
  /** From its first to its last sound. */
  length: number
  /** Unix, by Date.now(). */
  first: number
  /** How late the page was at worst where another element went on. */
  late: number
}

/** For this long before and after a change a machine that stops the page excuses what is heard. */
const AROUND_MS = 300

export function heard({ played, rendered, late }: Tape): Heard {
  const sounds = new Map<number, number[]>()
  for (const { element, from, amplitudes } of played) {
    amplitudes.forEach((a, i) => {
      if (a >= AUDIBLE) sounds.set(from + i, [...(sounds.get(from + i) ?? []), element])
    })
  }
  const blocks = [...sounds.entries()].sort(([a], [b]) => a - b)
  const [first, last] = [blocks[0]?.[0] ?? 0, blocks.at(-1)?.[0] ?? 0]
  let [gap, stutter, overlap, run] = [0, 0, 0, 0]
  const changes: number[] = []
  blocks.forEach(([block, elements], i) => {
    const [before, of] = blocks[i - 1] ?? [block - 1, elements]
    const missing = block - before - 1
    if (elements.some((one) => of.includes(one))) stutter = Math.max(stutter, missing)
    else {
      gap = Math.max(gap, missing)
      changes.push(block)
    }
    run = elements.length > 1 ? (missing === 0 ? run : 0) + 1 : 0
    if (run === 1) changes.push(block)
    overlap = Math.max(overlap, run)
  })
  const times = changes.map((block) => {
    const next = rendered.reduce((a, b) =>
      Math.abs(b.end - block) < Math.abs(a.end - block) ? b : a,
    )
    return next.at - (next.end - block) * BLOCK_MS
  })
  const near = late.filter(({ at, by }) =>
    times.some((time) => at > time - AROUND_MS && at - by < time + AROUND_MS),
  )
  const ms = (n: number) => Math.round(n * BLOCK_MS * 10) / 10
  return {
    gap: ms(gap),
    stutter: ms(stutter),
    overlap: ms(overlap),
    changes: changes.length,
    length: blocks.length === 0 ? 0 : ms(last - first + 1),
    first: Math.min(...played.flatMap((one) => one.first || [])),
    late: Math.max(0, ...near.map(({ by }) => by)),
  }
}

export function p50(of: readonly number[]): number {
  const sorted = [...of].sort((a, b) => a - b)
  expect(sorted.length, 'nothing was measured').toBeGreaterThan(0)
  return sorted[Math.floor((sorted.length - 1) / 2)] as number
}
