import { numerals } from '../../ui/numerals'

/** A date as people write it: three parts, in the order of their language. */
export interface BirthParts {
  day: string
  month: string
  year: string
}

export type Part = keyof BirthParts

export const noBirth: BirthParts = { day: '', month: '', year: '' }

const OLDEST = 120

/**
 * The date as the server wants it; undefined while something is missing, false for a day nobody can
 * be born on. Whether it is early enough is the server's to say.
 */
export function birthDate(parts: BirthParts, now = new Date()): string | false | undefined {
  const numbers = [parts.year, parts.month, parts.day].map((p) => numerals(p).trim())
  if (numbers.some((n) => n === '')) return undefined
  const [year = 0, month = 0, day = 0] = numbers.map((n) =>
    /^\d+$/.test(n) ? Number(n) : Number.NaN,
  )
  const date = new Date(Date.UTC(year, month - 1, day))
  const real =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  if (!real || date > now || now.getUTCFullYear() - year > OLDEST) return false
  return date.toISOString().slice(0, 10)
}

/** Day, month and year in the order in which this language writes them. */
export function partOrder(language: string): Part[] {
  const parts = new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  })
    .formatToParts(new Date(2000, 0, 15))
    .map((p) => p.type)
  const order = parts.filter((p): p is Part => p === 'day' || p === 'month' || p === 'year')
  return order.length === 3 ? order : ['day', 'month', 'year']
}

export function monthNames(language: string): string[] {
  const format = new Intl.DateTimeFormat(language, { month: 'long', timeZone: 'UTC' })
  return Array.from({ length: 12 }, (_, i) => format.format(new Date(Date.UTC(2000, i, 15))))
}
