/** Seconds in which a level is followed up, and let go. */
const attack = 0.06
const release = 0.25

/** Below this nobody sees a difference: the aura is still. */
export const stillness = 0.004

/** The shown level after dt seconds on its way to the heard one. */
export function follow(shown: number, heard: number, dt: number): number {
  const time = heard > shown ? attack : release
  const next = shown + (heard - shown) * (1 - Math.exp(-dt / time))
  return heard < stillness && next < stillness ? 0 : next
}
