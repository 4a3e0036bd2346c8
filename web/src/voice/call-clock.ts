/** One reading of the server's clock: what it said, and when we asked and heard it, our own ms. */
export interface Reading {
  said: number
  asked: number
  heard: number
}

/**
 * The server's clock, from its answers (Cristian, "Probabilistic clock synchronization", 1989): it said
 * its time somewhere between asking and hearing, so the middle is wrong by half the round trip at most.
 * The quickest answer is kept; one that contradicts it means that a clock has jumped or this machine
 * has slept, and counts instead.
 */
export class ServerClock {
  #offset = 0
  /** Half of the round trip: how wrong the offset may be. */
  #doubt = Number.POSITIVE_INFINITY

  /** `own` gives this machine's time in ms; only differences of it matter. */
  constructor(private readonly own: () => number) {}

  read({ said, asked, heard }: Reading): void {
    const doubt = Math.max(0, heard - asked) / 2
    const offset = said - (asked + heard) / 2
    const contradicts = Math.abs(offset - this.#offset) > doubt + this.#doubt
    if (doubt > this.#doubt && !contradicts) return
    this.#offset = offset
    this.#doubt = doubt
  }

  /** The server's time now, unix ms. */
  now = (): number => this.own() + this.#offset
}
