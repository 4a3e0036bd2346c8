import { loudness } from './meter'

/** What was said so far: samples of one channel as they come, and how loud each tenth of a second was. */
export class Sound {
  readonly #pieces: Float32Array[] = []
  readonly #bars: number[] = []
  #rest = new Float32Array(0)
  #count = 0

  constructor(readonly rate: number) {}

  add(piece: Float32Array): void {
    this.#pieces.push(piece)
    this.#count += piece.length
    const step = Math.round(this.rate / BARS_PER_S)
    let left = joined([this.#rest, piece])
    while (left.length >= step) {
      this.#bars.push(loudness(left.subarray(0, step)))
      left = left.subarray(step)
    }
    this.#rest = left.slice()
  }

  get ms(): number {
    return (this.#count / this.rate) * 1000
  }

  /** 0..1, one for every tenth of a second. Grows in place. */
  get bars(): readonly number[] {
    return this.#bars
  }

  samples(): Float32Array {
    return joined(this.#pieces)
  }
}

export const BARS_PER_S = 10

function joined(pieces: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** As a WAV file of 16 bits, which every browser plays: for listening back before it is sent. */
export const wav = (samples: Float32Array, rate: number): Blob =>
  new Blob([wavBytes(samples, rate)], { type: 'audio/wav' })

export function wavBytes(samples: Float32Array, rate: number): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(44 + samples.length * 2))
  const text = (at: number, word: string) => {
    for (let i = 0; i < word.length; i++) bytes.setUint8(at + i, word.charCodeAt(i))
  }
  text(0, 'RIFF')
  bytes.setUint32(4, 36 + samples.length * 2, true)
  text(8, 'WAVEfmt ')
  bytes.setUint32(16, 16, true)
  bytes.setUint16(20, 1, true) // PCM
  bytes.setUint16(22, 1, true) // one channel
  bytes.setUint32(24, rate, true)
  bytes.setUint32(28, rate * 2, true)
  bytes.setUint16(32, 2, true)
  bytes.setUint16(34, 16, true)
  text(36, 'data')
  bytes.setUint32(40, samples.length * 2, true)
  samples.forEach((x, i) => {
    bytes.setInt16(44 + i * 2, Math.round(Math.max(-1, Math.min(1, x)) * 0x7fff), true)
  })
  return bytes.buffer
}

/** What wavBytes has written. */
export function readWav(bytes: ArrayBuffer): { samples: Float32Array; rate: number } {
  const rate = new DataView(bytes).getUint32(24, true)
  const samples = Float32Array.from(new Int16Array(bytes, 44), (x) => x / 0x7fff)
  return { samples, rate }
}

/**
 * As many levels as asked for, each the loudest of its stretch, so that a short word does not vanish
 * from a long recording.
 */
export function levelsOf(bars: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((i * bars.length) / count)
    const to = Math.max(from + 1, Math.floor(((i + 1) * bars.length) / count))
    return Math.max(0, ...bars.slice(from, to))
  })
}
