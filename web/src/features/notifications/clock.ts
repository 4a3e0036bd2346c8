const two = (n: number) => String(n).padStart(2, '0')

/** Minutes of the day as a time field has them: "22:05". */
export const clockOf = (minutes: number): string =>
  `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`

/** The minutes of the day that a time field says; undefined: it is empty, or half written. */
export function minutesOf(clock: string): number | undefined {
  const found = /^(\d{2}):(\d{2})/.exec(clock)
  if (!found) return undefined
  const minutes = Number(found[1]) * 60 + Number(found[2])
  return minutes < 24 * 60 ? minutes : undefined
}
