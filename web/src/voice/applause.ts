import { audioContext } from './audio'
import { sounds } from './sounds'

/** Peak gain of one clap, and of all: well under a voice, however many clap. */
const CLAP = 0.012
const MOST = 0.045
const CLAP_S = 0.05
/** How long the claps of one count last. */
const SPREAD_S = 0.95
const MOST_CLAPS = 24

let noise: AudioBuffer | undefined

/** How many claps are heard of so many people: few sound alone, many as a crowd. */
export const clapsOf = (people: number): number =>
  Math.min(MOST_CLAPS, Math.max(0, Math.round(4 * Math.log2(people + 1))))

/** How loud each of them is, so that all together stay below a voice. */
export const gainOf = (claps: number): number =>
  Math.min(CLAP, MOST / Math.sqrt(Math.max(1, claps)))

/** A second of soft applause by so many people: bursts of noise, each a clap. */
export function clap(people: number, chance: () => number = Math.random): void {
  if (!sounds.get()) return
  const context = audioContext()
  // Without a touch so far the browser keeps us silent, and it would come too late.
  if (context.state !== 'running') return
  noise ??= burst(context, chance)
  const claps = clapsOf(people)
  for (let i = 0; i < claps; i++) {
    const at = context.currentTime + chance() * SPREAD_S
    const source = new AudioBufferSourceNode(context, {
      buffer: noise,
      playbackRate: 0.85 + chance() * 0.3,
    })
    const tone = new BiquadFilterNode(context, {
      type: 'bandpass',
      frequency: 900 + chance() * 900,
      Q: 0.8,
    })
    const level = new GainNode(context, { gain: 0 })
    level.gain.setValueAtTime(gainOf(claps), at)
    level.gain.exponentialRampToValueAtTime(0.0002, at + CLAP_S)
    source.connect(tone).connect(level).connect(context.destination)
    source.start(at)
    source.stop(at + CLAP_S)
    source.onended = () => level.disconnect()
  }
}

function burst(context: AudioContext, chance: () => number): AudioBuffer {
  const length = Math.ceil(context.sampleRate * CLAP_S * 1.3)
  const buffer = new AudioBuffer({ length, sampleRate: context.sampleRate })
  const samples = buffer.getChannelData(0)
  for (let i = 0; i < length; i++) samples[i] = chance() * 2 - 1
  return buffer
}
