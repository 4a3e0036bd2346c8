import type { Message } from '../../api'
import { sameDay } from '../../i18n/times'
import type { Outgoing } from '../../realtime/queue'

/** One line of a conversation: a message, or one that is on its way. */
export type Line = {
  /** The id of the message, the same before and after it is stored. */
  key: string
  mine: boolean
  at: number
  /** Begins a day. */
  day: boolean
  /** The first one that was not read when the conversation was opened. */
  fresh: boolean
  /** Begins and ends what one person said within a minute. */
  first: boolean
  last: boolean
} & (
  | { message: Message; outgoing?: undefined; read: boolean }
  | { outgoing: Outgoing; message?: undefined }
)

type Said = { message: Message; outgoing?: undefined } | { outgoing: Outgoing; message?: undefined }

const minute = (at: number) => Math.floor(at / 60_000)

/** What to show, the oldest first. */
export function linesOf(
  messages: readonly Message[],
  outgoing: readonly Outgoing[],
  { theirReadN = 0, freshN }: { theirReadN?: number; freshN?: number },
): Line[] {
  const stored = new Set(messages.map(({ id }) => id))
  const said: Said[] = [
    ...messages.map((message) => ({ message })),
    // The event of a message may come before the answer to it.
    ...outgoing.filter(({ id }) => !stored.has(id)).map((one) => ({ outgoing: one })),
  ]
  const read = messages.findLast((m) => m.mine && !m.deleted && m.n <= theirReadN)?.n
  const lines: Line[] = []
  for (const one of said) {
    const { id, at } = one.message ?? one.outgoing
    const mine = one.message?.mine ?? true
    const before = lines.at(-1)
    const day = !before || !sameDay(before.at, at)
    const fresh = one.message !== undefined && one.message.n === freshN
    const first =
      !before || day || fresh || before.mine !== mine || minute(before.at) !== minute(at)
    if (before && !first) before.last = false
    const place = { key: id, mine, at, day, fresh, first, last: true }
    lines.push(
      one.message
        ? { ...place, message: one.message, read: one.message.n === read }
        : { ...place, outgoing: one.outgoing },
    )
  }
  return lines
}

/** The first message of theirs that was not read when the conversation was opened. */
export const firstUnread = (messages: readonly Message[], readN: number): number | undefined =>
  messages.find((message) => !message.mine && !message.deleted && message.n > readN)?.n
