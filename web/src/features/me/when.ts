import { language, locale } from '../../i18n'

/** A day, as this language writes it. */
export function day(at: number): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(at)
}

/** A moment of the next days: "Saturday 9:05 PM". */
export function moment(at: number): string {
  const format = { weekday: 'long', hour: 'numeric', minute: '2-digit' } as const
  return new Intl.DateTimeFormat(locale(), format).format(at)
}

const MINUTE = 60_000
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
]

/** How long ago, in the largest unit that fits: "now", "3 hours ago", "yesterday". */
export function ago(at: number, now = Date.now(), tag = language()): string {
  const format = new Intl.RelativeTimeFormat(tag, { numeric: 'auto' })
  const since = Math.max(0, now - at)
  if (since < MINUTE) return format.format(0, 'second')
  const [unit, length] = STEPS.find(([, ms]) => since >= ms) ?? ['minute', MINUTE]
  return format.format(-Math.floor(since / length), unit)
}
