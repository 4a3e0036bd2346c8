/** One ring, in shares of the picture's width. */
export interface Ring {
  radius: number
  width: number
  alpha: number
}

/** Under this it is the room that sounds, not a voice. */
const QUIET = 0.12
/** The closest that rings follow each other, ms: a syllable's pace. */
const STEP_MS = 190
/** How long a ring travels, ms. */
const LIFE_MS = 2600
const FROM = 0.16
const TO = 0.5

/** The rings of a voice, as numbers: each begins with a sound and is as strong as that was. */
export class Ripples {
  #born: { at: number; loud: number }[] = []
  #last = Number.NEGATIVE_INFINITY

  get any(): boolean {
    return this.#born.length > 0
  }

  /** How loud it is at this moment, 0..1. */
  hear(level: number, now: number): void {
    if (level < QUIET || now - this.#last < STEP_MS) return
    this.#last = now
    this.#born.push({ at: now, loud: level })
  }

  /** What is under way now, the oldest first; those that have arrived are forgotten. */
  at(now: number): Ring[] {
    this.#born = this.#born.filter(({ at }) => now - at < LIFE_MS)
    return this.#born.map(({ at, loud }) => {
      const way = (now - at) / LIFE_MS
      // Fast at first, as sound is loud at first.
      const far = 1 - (1 - way) ** 1.8
      return {
        radius: FROM + (TO - FROM) * far,
        width: (0.002 + 0.012 * loud) * (1 - 0.7 * way),
        alpha: (0.25 + 0.75 * loud) * (1 - way) ** 1.4,
      }
    })
  }
}
