export type Choice = 'like' | 'pass'

/** A push this far decides, CSS pixels, or a third of a narrow card. */
const farEnough = 130
/** A flick decides sooner, if it still goes that way; pixels per millisecond. */
const fastEnough = 0.55
const flickAtLeast = 36

/** How far a card of this width must be pushed. */
export function threshold(width: number): number {
  return Math.min(farEnough, width / 3)
}

/** What letting go here means: right likes, left passes, in every language; undefined goes back. */
export function decide(push: { dx: number; speed: number; width: number }): Choice | undefined {
  const { dx, speed, width } = push
  if (Math.abs(dx) >= threshold(width)) {
    // Pushed far, but on the way back when let go: that was a change of mind.
    if (Math.abs(speed) >= fastEnough && Math.sign(speed) !== Math.sign(dx)) return undefined
    return dx > 0 ? 'like' : 'pass'
  }
  const flicked = Math.abs(speed) >= fastEnough && Math.sign(speed) === Math.sign(dx)
  if (flicked && Math.abs(dx) >= flickAtLeast) return dx > 0 ? 'like' : 'pass'
  return undefined
}
