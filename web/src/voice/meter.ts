import { audioContext } from './audio'

/** Below this a room is silent, above that a voice is as loud as it gets; dB relative to full scale. */
const QUIET_DB = -55
const LOUD_DB = -12

/** Mean square of a stretch of samples. */
function meanSquare(samples: Float32Array): number {
  let sum = 0
  for (const x of samples) sum += x * x
  return sum / samples.length
}

/** Loudness of a stretch of samples as 0..1, linear in decibels as ears are. */
export function loudness(samples: Float32Array): number {
  const power = meanSquare(samples)
  if (power === 0) return 0
  const db = 10 * Math.log10(power)
  return Math.min(1, Math.max(0, (db - QUIET_DB) / (LOUD_DB - QUIET_DB)))
}

/** About 21 ms at 48 kHz: two pitch periods of a low voice, and short enough to follow a syllable. */
const WINDOW = 1024

/** Measures one track. It costs nothing until asked, and gives its node back when closed. */
export class Meter {
  #source: MediaStreamAudioSourceNode | undefined
  #analyser: AnalyserNode | undefined
  #samples = new Float32Array(WINDOW)
  /** performance.now() of the last question; who stops asking is put to rest by the owner. */
  asked = 0

  constructor(readonly track: MediaStreamTrack) {}

  level(): number {
    return this.#look() ? loudness(this.#samples) : 0
  }

  /** Mean square of what is heard right now. */
  power(): number {
    return this.#look() ? meanSquare(this.#samples) : 0
  }

  #look(): boolean {
    this.asked = performance.now()
    if (!this.track.enabled || this.track.readyState === 'ended') return false
    this.#analyser ??= this.#open()
    this.#analyser.getFloatTimeDomainData(this.#samples)
    return true
  }

  rest(): void {
    this.#source?.disconnect()
    this.#source = undefined
    this.#analyser = undefined
  }

  #open(): AnalyserNode {
    const context = audioContext()
    const analyser = new AnalyserNode(context, { fftSize: WINDOW })
    this.#source = context.createMediaStreamSource(new MediaStream([this.track]))
    // Not connected to the destination: it is only looked at, the <audio> element plays it.
    this.#source.connect(analyser)
    return analyser
  }
}
