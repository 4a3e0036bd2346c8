/**
 * A ring that time runs around: from a little right of the top, clockwise, to a
 * little left of it. Fractions are 0..1 of the time, turns 0..1 of a circle from
 * the top.
 */

/** The gap at the top, in turns: there the end does not touch the beginning. */
const gap = 0.024

const held = (x: number) => Math.min(1, Math.max(0, x))

/** Where on the circle a moment stands. */
export function turnOf(fraction: number): number {
  return gap / 2 + held(fraction) * (1 - gap)
}

/** The moment in the direction of a point, given from the ring's middle, y downwards. */
export function fractionAt(x: number, y: number): number {
  const turns = (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1
  return held((turns - gap / 2) / (1 - gap))
}

/** A finger that crosses the gap stops at the end it came to: time is no circle. */
export function dragged(from: number, to: number): number {
  if (from > 0.75 && to < 0.25) return 1
  if (from < 0.25 && to > 0.75) return 0
  return to
}

/** One bar for each peak, 0..1, as an SVG path around the origin of a box this wide. */
export function bars(peaks: readonly number[], size: number): string {
  return peaks
    .map((peak, i) => {
      const angle = 2 * Math.PI * turnOf((i + 0.5) / peaks.length)
      const half = 0.004 + 0.042 * (Number.isFinite(peak) ? held(peak) : 0)
      const at = (radius: number) =>
        `${(radius * size * Math.sin(angle)).toFixed(1)} ${(-radius * size * Math.cos(angle)).toFixed(1)}`
      return `M${at(middle - half)}L${at(middle + half)}`
    })
    .join('')
}

/** The ring's radius as a share of its box. */
export const middle = 0.436
