/** How long a word of the other's writing counts. The server passes one on every three seconds at most. */
export const typingShownMs = 6000

/** Who is writing, each until they have not been heard of for a while. */
export class Typing {
  readonly #ends = new Map<string, () => void>()

  constructor(
    private readonly later: (fn: () => void, ms: number) => () => void,
    /** Told of each beginning and end. */
    private readonly changed: (person: string, typing: boolean) => void,
  ) {}

  heard(person: string): void {
    const before = this.#ends.get(person)
    before?.()
    this.#ends.set(
      person,
      this.later(() => this.over(person), typingShownMs),
    )
    if (!before) this.changed(person, true)
  }

  over(person: string): void {
    const cancel = this.#ends.get(person)
    if (!cancel) return
    cancel()
    this.#ends.delete(person)
    this.changed(person, false)
  }

  clear(): void {
    for (const cancel of this.#ends.values()) cancel()
    this.#ends.clear()
  }
}
