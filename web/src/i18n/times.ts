import { language, locale } from '.'

const dayMs = 86_400_000

/** The local day of a moment, as a number that grows by one each day. */
function dayOf(at: number): number {
  const date = new Date(at)
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs)
}

export const sameDay = (a: number, b: number): boolean => dayOf(a) === dayOf(b)

/** Making one costs more than all else of a message that is scrolled into view. */
const formats = new Map<string, Intl.DateTimeFormat>()

function show(at: number, how: Intl.DateTimeFormatOptions): string {
  const where = locale()
  const key = where + JSON.stringify(how)
  const format = formats.get(key) ?? new Intl.DateTimeFormat(where, how)
  formats.set(key, format)
  return format.format(at)
}

export const clockTime = (at: number): string => show(at, { hour: 'numeric', minute: '2-digit' })

const upper = (text: string) => text.charAt(0).toLocaleUpperCase(language()) + text.slice(1)

/** "Today", "Yesterday", "Tomorrow"; none for other days. */
function near(at: number, now: number): string | undefined {
  const days = dayOf(at) - dayOf(now)
  if (Math.abs(days) > 1) return undefined
  return upper(new Intl.RelativeTimeFormat(language(), { numeric: 'auto' }).format(days, 'day'))
}

const yearIfOther = (at: number, now: number): Intl.DateTimeFormatOptions =>
  new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' }

/** The day above the first message of it: "Today", "Tuesday, 3 March". */
export const dayTitle = (at: number, now: number): string =>
  near(at, now) ??
  upper(show(at, { weekday: 'long', day: 'numeric', month: 'long', ...yearIfOther(at, now) }))

/** When a chat has last moved, as short as it can be: "20:41", "Yesterday", "Tue", "3 Mar". */
export function shortTime(at: number, now: number): string {
  if (sameDay(at, now)) return clockTime(at)
  const ago = dayOf(now) - dayOf(at)
  if (ago === 1) return near(at, now) ?? ''
  if (ago > 1 && ago < 7) return upper(show(at, { weekday: 'short' }))
  return show(at, { day: 'numeric', month: 'short', ...yearIfOther(at, now) })
}

/** When something is, in one line: "Today 21:00", "Tue, 3 Mar, 21:00". */
export function dayAndTime(at: number, now: number): string {
  const day = near(at, now)
  if (day) return `${day} ${clockTime(at)}`
  return upper(
    show(at, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: 'numeric',
      minute: '2-digit',
      ...yearIfOther(at, now),
    }),
  )
}

/** The same moment as clocks elsewhere show it: "Wed 04:00"; none where they show what they do here. */
export function elsewhere(at: number, zone: string): string | undefined {
  const how = { weekday: 'short', hour: 'numeric', minute: '2-digit' } as const
  try {
    const there = show(at, { ...how, timeZone: zone })
    return there === show(at, how) ? undefined : there
  } catch {
    return undefined // a zone that this browser does not know
  }
}

/** How long something lasts, in words: "1 hour, 30 minutes". */
export function lasting(minutes: number): string {
  const inWords = (count: number, unit: 'hour' | 'minute') =>
    new Intl.NumberFormat(language(), { style: 'unit', unit, unitDisplay: 'long' }).format(count)
  const parts = [
    ...(minutes >= 60 ? [inWords(Math.floor(minutes / 60), 'hour')] : []),
    ...(minutes % 60 > 0 ? [inWords(minutes % 60, 'minute')] : []),
  ]
  return new Intl.ListFormat(language(), { type: 'unit', style: 'long' }).format(parts)
}

/** The minute of the day somewhere, 0..1439. */
export function minuteIn(zone: string, at: number): number {
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/** Where this device is: "Europe/Rome". */
export const hereZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
