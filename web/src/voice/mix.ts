import type { Readable } from '../ui/store'
import { evensOut, Loudness } from './evenness'
import { volumeOf, volumes } from './volumes'

/** How loud each voice is played. */
export interface Mix {
  /** 1: as it comes. */
  gain(personId: string): number
  /** What somebody sounded like just now: mean square, ms since the look before. */
  heard(personId: string, power: number, passed: number): void
  /** Somebody chose otherwise: every gain may be another now. */
  readonly chosen: readonly Readable<unknown>[]
}

/** So many voices are kept in mind. */
const MOST = 200

/** Decibels as a factor. */
const factor = (gain: number) => 10 ** (gain / 20)

/** The voices of rooms: what was chosen for each, and all at a similar loudness if that is wanted. */
export class RoomMix implements Mix {
  readonly chosen = [volumes, evensOut]
  #voices = new Map<string, Loudness>()

  gain(personId: string): number {
    const even = evensOut.get() && adjustable() ? (this.#voices.get(personId)?.gainDb ?? 0) : 0
    return (volumeOf(personId) / 100) * factor(even)
  }

  heard(personId: string, power: number, passed: number): void {
    if (!evensOut.get()) return
    let voice = this.#voices.get(personId)
    if (!voice) {
      voice = new Loudness()
      this.#voices.set(personId, voice)
      const [oldest] = this.#voices.keys()
      if (this.#voices.size > MOST && oldest !== undefined) this.#voices.delete(oldest)
    }
    voice.heard(power, passed)
  }
}

let settable: boolean | undefined

/**
 * Whether a page sets the volume of an element. On iOS only the keys of the device do: there every voice
 * would have to go through an AudioContext, which falls silent with the screen. So voices are evened out
 * elsewhere only; a volume that somebody chose themselves holds there too.
 */
export function adjustable(): boolean {
  if (settable === undefined) {
    const probe = document.createElement('audio')
    probe.volume = 0.5
    settable = probe.volume === 0.5
  }
  return settable
}
