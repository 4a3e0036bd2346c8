/** Without sound for this long nobody is heard any more, ms. Longer than the pauses of DTX (400 ms). */
export const HEARD_MS = 1000

interface Source {
  timestamp: number
  source: number
}

/**
 * Age of a received source, ms. Browsers count its timestamp from the Unix epoch (the specification) or
 * from the start of the page (Chromium, for years): the smaller difference is the right one.
 */
function age({ timestamp }: Source): number {
  const now = performance.now()
  return Math.min(Math.abs(now - timestamp), Math.abs(performance.timeOrigin + now - timestamp))
}

/** The source that was played last, unless that is too long ago. */
export function newest(
  sources: readonly Source[] | undefined,
): { source: number; age: number } | undefined {
  let found: { source: number; age: number } | undefined
  for (const one of sources ?? []) {
    const old = age(one)
    if (old <= HEARD_MS && (!found || old < found.age)) found = { source: one.source, age: old }
  }
  return found
}
