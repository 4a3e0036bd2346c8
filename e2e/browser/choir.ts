import { expect } from '@playwright/test'
import type { Person } from './person.ts'

/** What a slot of the listening tier carried for a while: whom it named, and which tone was in it. */
export interface Stretch {
  slot: number
  /** The newest contributing source; 0: none. */
  voice: number
  /** Hz; 0: silence, or two tones at once. */
  tone: number
  /** Unix milliseconds of the first and the last look. */
  from: number
  to: number
}

declare global {
  interface Window {
    heyyMic: { gain: number }
    heyySlots: Stretch[]
  }
}

/**
 * Runs in the page: its microphone is a tone, as loud as `heyyMic.gain` says. A browser has one fake
 * microphone; with this one many pages of it can speak.
 */
export function sing({ hz, loud }: { hz: number; loud: number }): void {
  // Auras of a dozen pages, painted without a graphics card, would take the time that sound needs.
  const getContext = HTMLCanvasElement.prototype.getContext as (kind: string) => unknown
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, kind: string) {
    return /^webgl/.test(kind) ? null : getContext.call(this, kind)
  } as typeof HTMLCanvasElement.prototype.getContext
  // Nor is anything decoded that no element plays.
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', { get: () => null, set: () => {} })
  HTMLMediaElement.prototype.play = async () => {}
  // A soft voice that is made louder is decoded beside the elements.
  localStorage.setItem('heyy.even-off', '1')
  let gain = loud
  const nodes: GainNode[] = []
  window.heyyMic = {
    get gain() {
      return gain
    },
    set gain(value) {
      gain = value
      for (const node of nodes) node.gain.value = value
    },
  }
  if (!navigator.mediaDevices) return
  navigator.mediaDevices.getUserMedia = async () => {
    const context = new AudioContext({ sampleRate: 48_000 })
    await context.resume()
    const tone = new OscillatorNode(context, { frequency: hz })
    const node = new GainNode(context, { gain })
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 })
    tone.connect(node).connect(out)
    tone.start()
    nodes.push(node)
    return out.stream
  }
}

/**
 * Runs in the page, before its own scripts: every 20 ms it compares, for each receiver, the tone in the
 * track with the voice that the packets name.
 */
export function watchSlots(tones: number[]): void {
  const peers: RTCPeerConnection[] = []
  window.heyySlots = []
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct(target, args: [RTCConfiguration?]) {
      const peer = new target(...args)
      peers.push(peer)
      return peer
    },
  })

  const now = () => performance.timeOrigin + performance.now()
  const samples = new Float32Array(1024) // 21 ms
  let context: AudioContext | undefined
  const known = new WeakMap<RTCRtpReceiver, { slot: number; analyser: AnalyserNode }>()
  const latest = new Map<number, Stretch>()
  let slots = 0

  const meet = (receiver: RTCRtpReceiver) => {
    let found = known.get(receiver)
    if (!found) {
      context ??= new AudioContext({ sampleRate: 48_000 })
      const analyser = new AnalyserNode(context, { fftSize: samples.length })
      context.createMediaStreamSource(new MediaStream([receiver.track])).connect(analyser)
      found = { slot: slots++, analyser }
      known.set(receiver, found)
    }
    return found
  }

  /** The tone that has most of the power (Goertzel). */
  const toneOf = (analyser: AnalyserNode) => {
    analyser.getFloatTimeDomainData(samples)
    let power = 0
    for (const sample of samples) power += sample * sample
    if (power / samples.length < 1e-5) return 0
    const share = (hz: number) => {
      const c = 2 * Math.cos((2 * Math.PI * hz) / 48_000)
      let [a, b] = [0, 0]
      for (const sample of samples) [a, b] = [sample + c * a - b, a]
      return (2 * (a * a + b * b - c * a * b)) / samples.length / power
    }
    return tones.find((hz) => share(hz) > 0.7) ?? 0
  }

  setInterval(() => {
    for (const peer of peers) {
      if (peer.connectionState !== 'connected') continue
      for (const receiver of peer.getReceivers()) {
        const { slot, analyser } = meet(receiver)
        const tone = toneOf(analyser)
        const sources = receiver.getContributingSources()
        const voice = sources.reduce((a, b) => (b.timestamp > a.timestamp ? b : a), {
          timestamp: 0,
          source: 0,
        }).source
        const at = now()
        const last = latest.get(slot)
        if (last?.voice === voice && last.tone === tone) last.to = at
        else {
          const next = { slot, voice, tone, from: at, to: at }
          latest.set(slot, next)
          window.heyySlots.push(next)
        }
      }
    }
  }, 20)
}

export const slotsOf = (who: Person) => who.page.evaluate(() => window.heyySlots)

/** The tones in the slots right now, each with its slot. */
async function tonesNow(who: Person): Promise<{ slot: number; tone: number }[]> {
  const all = await slotsOf(who)
  const newest = new Map(all.map((one) => [one.slot, one]))
  return [...newest.values()].filter(({ tone }) => tone > 0)
}

/** Waits until exactly these tones are heard. */
export async function hearsJust(who: Person, tones: number[], what: string): Promise<void> {
  const sorted = (all: number[]) => [...all].sort((a, b) => a - b)
  await expect
    .poll(async () => sorted((await tonesNow(who)).map(({ tone }) => tone)), {
      message: what,
      intervals: [50],
    })
    .toEqual(sorted(tones))
}

/** For how long a slot named another voice than the one in it, in ms, at worst. */
export function longestLie(all: readonly Stretch[], toneOf: ReadonlyMap<number, number>): number {
  let worst = 0
  const since = new Map<number, number>()
  for (const { slot, voice, tone, from, to } of all) {
    if (tone === 0) continue
    if (toneOf.get(voice) === tone) since.delete(slot)
    else {
      since.set(slot, since.get(slot) ?? from)
      worst = Math.max(worst, to - (since.get(slot) ?? from))
    }
  }
  return Math.round(worst)
}
