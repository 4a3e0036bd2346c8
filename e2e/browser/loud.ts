import { expect } from '@playwright/test'
import type { Person } from './person.ts'

/** Amplitudes of a tone at the two ears, dB of full scale; -100: nothing. */
interface Ears {
  left: number
  right: number
}

declare global {
  interface Window {
    heyyLoud(hz: number): Ears
  }
}

/**
 * Runs in the page, before its own scripts: measures how loud a tone leaves the page, whether an element
 * plays it, as loud as it is set, or Web Audio does. It changes nothing.
 */
export function measureLoudness(): void {
  const size = 8192 // 170 ms
  type Pair = [AnalyserNode, AnalyserNode]
  const connect = AudioNode.prototype.connect as (this: AudioNode, ...to: unknown[]) => AudioNode
  const tapped = new Set<AudioNode>()
  const mixes: Pair[] = []
  const known = new WeakMap<MediaStreamTrack, Pair>()
  let context: AudioContext | undefined

  const ears = (from: AudioNode): Pair => {
    const both = new GainNode(from.context, { channelCount: 2, channelCountMode: 'explicit' })
    const split = new ChannelSplitterNode(from.context, { numberOfOutputs: 2 })
    const pair = [0, 1].map((i) => {
      const made = new AnalyserNode(from.context, { fftSize: size })
      connect.call(split, made, i)
      return made
    })
    connect.call(from, both)
    connect.call(both, split)
    return pair as Pair
  }
  AudioNode.prototype.connect = function (this: AudioNode, ...to: unknown[]) {
    if (to[0] instanceof AudioDestinationNode && !tapped.has(this)) {
      tapped.add(this)
      mixes.push(ears(this))
    }
    return connect.apply(this, to)
  } as typeof AudioNode.prototype.connect

  const samples = new Float32Array(size)
  const amplitude = (ear: AnalyserNode, hz: number) => {
    ear.getFloatTimeDomainData(samples)
    const c = 2 * Math.cos((2 * Math.PI * hz) / ear.context.sampleRate)
    let [a, b] = [0, 0]
    for (const sample of samples) [a, b] = [sample + c * a - b, a]
    return (2 * Math.sqrt(Math.max(0, a * a + b * b - c * a * b))) / size
  }

  window.heyyLoud = (hz) => {
    const sum = [0, 0] as [number, number]
    const add = (pair: Pair, volume: number) => {
      for (const i of [0, 1] as const) sum[i] += amplitude(pair[i], hz) * volume
    }
    for (const pair of mixes) add(pair, 1)
    for (const element of document.querySelectorAll('audio')) {
      const stream = element.srcObject
      if (!(stream instanceof MediaStream)) continue
      const [track] = stream.getAudioTracks()
      if (!track) continue
      let pair = known.get(track)
      if (!pair) {
        context ??= new AudioContext({ sampleRate: 48_000 })
        pair = ears(context.createMediaStreamSource(new MediaStream([track])))
        known.set(track, pair)
      }
      if (!element.muted && !element.paused) add(pair, element.volume)
    }
    const [left, right] = sum.map((a) => 20 * Math.log10(Math.max(1e-5, a))) as [number, number]
    return { left, right }
  }
}

export const earsOf = (who: Person, hz: number): Promise<Ears> =>
  who.page.evaluate((tone) => window.heyyLoud(tone), hz)

/** How loud somebody hears a tone, dB of full scale. */
export const loudnessAt = async (who: Person, hz: number): Promise<number> =>
  (await earsOf(who, hz)).left

/** Waits until somebody hears a tone as loud as that, to 1.5 dB. */
export async function hearsAt(who: Person, hz: number, db: number, what: string): Promise<void> {
  await expect
    .poll(async () => Math.abs((await loudnessAt(who, hz)) - db), {
      message: `${what}: ${db.toFixed(1)} dB`,
      intervals: [100],
    })
    .toBeLessThan(1.5)
}

/** Waits until a tone is gone from what somebody hears. */
export async function hearsNoMore(who: Person, hz: number, what: string): Promise<void> {
  await expect
    .poll(() => loudnessAt(who, hz), { message: what, intervals: [100] })
    .toBeLessThan(-55)
}
