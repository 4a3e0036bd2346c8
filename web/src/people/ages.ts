import { range, translate } from '../i18n'

/** The youngest that anybody may be, and the oldest the slider names; there it means "and older". */
export const YOUNGEST = 18
export const OLDEST = 80
const NO_END = 120

const REACH = 10

export interface Ages {
  from: number
  to: number
}

/** Whom somebody of this age is likely to look for, until they say so. */
export function agesAround(age: number): Ages {
  return shown({ from: age - REACH, to: age + REACH })
}

/** Ages as the slider can show them. */
export function shown({ from, to }: Ages): Ages {
  const within = (n: number) => Math.min(OLDEST, Math.max(YOUNGEST, n))
  return { from: within(from), to: within(to) }
}

/** Ages in words: "25–35", "40 and older". */
export function agesInWords({ from, to }: Ages): string {
  return to >= OLDEST
    ? translate('person.agesOpen', { from })
    : translate('person.agesText', { ages: range(from, to) })
}

/** Ages as they are kept: the end of the slider has no end. */
export function kept({ from, to }: Ages): Ages {
  return { from, to: to >= OLDEST ? NO_END : to }
}
