import { onUnless } from './choice'

/** Whether voices of rooms are brought to a similar loudness. localStorage `heyy.even-off`: they are not. */
export const evensOut = onUnless('heyy.even-off')

/** Where every voice should be, dB of full scale as root mean square while speaking. */
const TARGET_DB = -20
/** By so much a voice is made louder or softer at most. */
const MOST_DB = 12
/** Below this nobody speaks. */
const GATE_DB = -50
/** So far below the voice itself lie its pauses: they do not count (as in ITU-R BS.1770). */
const PAUSE_DB = 12
/** Nobody pauses for so long on end: it is how they speak now. Further below it is the room they sit in. */
const PAUSE_MS = 5000
const ROOM_DB = 24
/** Speech is averaged over this long; what was said before fades. */
const OVER_MS = 5000
/** Of so much speech nothing is concluded yet. */
const FIRST_MS = 1000
const DB_PER_S = 1
/** A look later than that says nothing about the time between. */
const LONGEST_MS = 1000

/**
 * How loud one person speaks, and by how much they are played louder or softer. The gain goes towards the
 * target by 1 dB a second at most and only while they speak, so that no pause is lifted and nothing pumps.
 */
export class Loudness {
  #power = 0
  #spokeMs = 0
  #pausedMs = 0
  #gainDb = 0

  get gainDb(): number {
    return this.#gainDb
  }

  /** Mean square of what was heard just now, `passed` ms after the look before. */
  heard(power: number, passed: number): void {
    const db = 10 * Math.log10(power)
    if (!(db > GATE_DB)) return
    const ms = Math.min(passed, LONGEST_MS)
    const below = this.#spokeMs > 0 ? 10 * Math.log10(this.#power) - db : 0
    if (below > PAUSE_DB) {
      this.#pausedMs = below < ROOM_DB ? this.#pausedMs + ms : 0
      if (this.#pausedMs < PAUSE_MS) return
      this.#spokeMs = 0
    }
    this.#pausedMs = 0
    this.#spokeMs += ms
    this.#power += ((power - this.#power) * ms) / Math.min(this.#spokeMs, OVER_MS)
    if (this.#spokeMs < FIRST_MS) return
    const wanted = TARGET_DB - 10 * Math.log10(this.#power)
    const goal = Math.min(MOST_DB, Math.max(-MOST_DB, wanted))
    const step = (DB_PER_S * ms) / 1000
    this.#gainDb += Math.min(step, Math.max(-step, goal - this.#gainDb))
  }
}
