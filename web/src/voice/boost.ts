import { audioContext } from './audio'
import { speaker } from './speaker'

/** Above this the limiter holds the sum, dB of full scale. */
const CEILING_DB = -6
const RATIO = 20
/** Seconds within which a gain has reached two thirds of a change: too short to be heard as one, too long to click. */
const GLIDE_S = 0.01

let limiter: AudioNode | undefined

/**
 * The sum of all boosted voices goes through one limiter. A DynamicsCompressorNode adds make-up gain of its
 * own, (1 / gain at full scale)^0.6 by the specification; it is taken out again, so that what is below the
 * ceiling passes as it is.
 */
function bus(context: AudioContext): AudioNode {
  if (limiter) return limiter
  const hold = new DynamicsCompressorNode(context, {
    threshold: CEILING_DB,
    knee: 0,
    ratio: RATIO,
    attack: 0.001,
    release: 0.1,
  })
  const makeUpDb = 0.6 * -(CEILING_DB - CEILING_DB / RATIO)
  hold.connect(new GainNode(context, { gain: 10 ** (-makeUpDb / 20) })).connect(context.destination)
  limiter = hold
  return hold
}

/**
 * Whether a voice can be made louder than it came, now: with a context that runs, and that plays where the
 * person chose (Firefox moves elements to another loudspeaker, and no context).
 */
export function canBoost(): boolean {
  if (typeof AudioContext !== 'function') return false
  const context = audioContext()
  return context.state === 'running' && (speaker() === '' || 'setSinkId' in context)
}

/** Calls fn whenever the context may run, or does so no longer. */
export function onBoostable(fn: () => void): () => void {
  if (typeof AudioContext !== 'function') return () => {}
  const context = audioContext()
  context.addEventListener('statechange', fn)
  return () => context.removeEventListener('statechange', fn)
}

/** Plays a track at any gain, through Web Audio. Its element has to be muted, and goes on playing. */
export class Boost {
  readonly #source: MediaStreamAudioSourceNode
  readonly #gain: GainNode
  #set: number

  constructor(track: MediaStreamTrack, gain: number) {
    const context = audioContext()
    this.#set = gain
    this.#source = context.createMediaStreamSource(new MediaStream([track]))
    this.#gain = new GainNode(context, { gain })
    this.#source.connect(this.#gain).connect(bus(context))
  }

  set(gain: number): void {
    if (gain === this.#set) return
    this.#set = gain
    this.#gain.gain.setTargetAtTime(gain, this.#gain.context.currentTime, GLIDE_S)
  }

  close(): void {
    this.#source.disconnect()
    this.#gain.disconnect()
  }
}
