/** Stretches of a recording that were played, seconds. */
export type Stretch = readonly [from: number, to: number]

/** Which share of the recording was heard, 0..1. Hearing the same stretch twice counts once. */
export function share(stretches: readonly Stretch[], length: number): number {
  if (!(length > 0)) return 0
  let heard = 0
  let reached = 0
  for (const [from, to] of [...stretches].sort((a, b) => a[0] - b[0])) {
    heard += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  // The last few milliseconds are never told as played.
  const part = heard / length
  return part > 0.98 ? 1 : part
}
