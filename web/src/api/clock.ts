/** So far a clock may be wrong before it is corrected: an answer tells seconds, and takes some to come. */
const TOLERATED_MS = 60_000

/** What the server's clock showed when performance.now() was 0, unix ms; undefined: it is not known. */
let origin: number | undefined

/**
 * Takes an answer's Date. One that was late or cached shows a time that is past, never one to come:
 * the latest counts.
 */
export function heardDate(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date)
  if (Number.isNaN(at)) return
  origin = Math.max(origin ?? Number.NEGATIVE_INFINITY, at - performance.now())
}

/** Unix ms, for what the server decides by its clock. The device's own may be wrong by a day. */
export function serverNow(): number {
  const here = Date.now()
  if (origin === undefined) return here
  const there = origin + performance.now()
  return Math.abs(there - here) < TOLERATED_MS ? here : there
}

/** For tests: nothing was heard of the server's clock. */
export function forgetClock(): void {
  origin = undefined
}
