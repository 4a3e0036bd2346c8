import type {
  HeardEvent,
  Message,
  MessageChanges,
  MessageEvent,
  MessagePage,
  ReadEvent,
} from '../api'
import type { Reducer } from './liveStore'

/** Where the recording of a message is fetched; the player knows it by this. */
export const addressOf = (person: string, message: string) =>
  `/api/chats/${person}/messages/${message}/voice`

/** A window of one chat: messages without holes, up to the last one unless there are newer. */
export interface Messages {
  /** The oldest first. */
  messages: readonly Message[]
  /** The cursor of the page before the oldest message here; none at the beginning of the chat. */
  before: string | undefined
  older: 'rest' | 'loading' | 'failed'
  /** Whether there are messages after the last one here. */
  newer: 'none' | 'rest' | 'loading' | 'failed'
  /** Counts the windows: another one begins somewhere else. */
  window: number
  seq: number
  /** How far this person has read. */
  readN: number
  /** How far the other has read; none if one of the two hides it. */
  theirReadN: number | undefined
  unread: number
  /** The other is writing. */
  typing: boolean
}

export type ChatEvent = MessageEvent | ReadEvent | HeardEvent

/** What reading answers: the newest page, or what has changed. */
export type MessagesAnswer =
  | { whole: MessagePage; changes?: undefined }
  | { changes: MessageChanges; whole?: undefined }

export const noMessages: Messages = {
  messages: [],
  before: undefined,
  older: 'rest',
  newer: 'none',
  window: 0,
  seq: 0,
  readN: 0,
  theirReadN: undefined,
  unread: 0,
  typing: false,
}

/** Listening is no part of seq: an answer may not know it yet. Hidden marks stay away from one's own. */
function stillHeard(message: Message, before: Message | undefined): Message {
  if (!message.voice || message.mine || !before?.voice?.heard) return message
  return { ...message, voice: { ...message.voice, heard: true } }
}

/** These voice messages were listened to. */
export function heardAt(known: Messages, numbers: readonly number[]): Messages {
  const news = new Set(numbers)
  const isNews = ({ n, voice }: Message) => voice !== undefined && !voice.heard && news.has(n)
  if (!known.messages.some(isNews)) return known
  return {
    ...known,
    messages: known.messages.map((message) =>
      message.voice && isNews(message)
        ? { ...message, voice: { ...message.voice, heard: true } }
        : message,
    ),
  }
}

/** Each message in its last state. Pages, changes and events overtake each other. */
function union(known: readonly Message[], more: readonly Message[]): readonly Message[] {
  const byNumber = new Map(known.map((message) => [message.n, message]))
  for (const message of more) {
    const before = byNumber.get(message.n)
    if (!before || before.seq <= message.seq) byNumber.set(message.n, stillHeard(message, before))
  }
  return [...byNumber.values()].sort((a, b) => a.n - b.n)
}

/** Replies show what they reply to as it is now: what was deleted must not live on in a quote. */
function requote(messages: readonly Message[], changed: readonly Message[]): readonly Message[] {
  const now = new Map(changed.map((message) => [message.n, message]))
  return messages.map((message) => {
    const quoted = message.reply && now.get(message.reply.n)
    if (!message.reply || !quoted) return message
    if (quoted.deleted) {
      const { voice_ms: _, ...reply } = message.reply
      return { ...message, reply: { ...reply, text: '' } }
    }
    return quoted.edited || quoted.voice
      ? { ...message, reply: { ...message.reply, text: quoted.text } }
      : message
  })
}

/** What messages outside the window are is left out: their page tells it when it is read. */
function put(known: Messages, more: readonly Message[]): Messages {
  const first = known.before === undefined ? 0 : (known.messages[0]?.n ?? 0)
  const end = known.newer === 'none' ? Number.POSITIVE_INFINITY : (known.messages.at(-1)?.n ?? 0)
  const within = more.filter(({ n }) => n >= first && n <= end)
  const last = known.messages.at(-1)?.n ?? 0
  // What was being written has arrived.
  const arrived = within.some((message) => !message.mine && message.n > last)
  return {
    ...known,
    messages: requote(union(known.messages, within), more),
    typing: known.typing && !arrived,
  }
}

type Marks = Pick<MessagePage, 'seq' | 'read_n' | 'their_read_n' | 'unread'>

const marked = (known: Messages, { seq, read_n, their_read_n, unread }: Marks): Messages => ({
  ...known,
  seq: Math.max(known.seq, seq),
  readN: Math.max(known.readN, read_n),
  theirReadN:
    their_read_n === undefined ? undefined : Math.max(known.theirReadN ?? 0, their_read_n),
  // Read here, and the answer does not know it yet.
  unread: known.readN > read_n ? known.unread : unread,
})

function merge(known: Messages, answer: MessagesAnswer): Messages {
  if (answer.changes) {
    const { messages, heard } = answer.changes
    return marked(heardAt(put(known, messages), heard), answer.changes)
  }
  const { whole } = answer
  // What has not changed keeps the older pages; of what has, they may hold what was deleted since.
  if (whole.seq === known.seq && known.messages.length > 0) return marked(known, whole)
  const newer = whole.seq < known.seq ? known.messages.filter((m) => m.seq > whole.seq) : []
  // What was kept shows the end of the chat; the answer begins at what is unread.
  const elsewhere = whole.newer && known.newer === 'none' && known.messages.length > 0
  const window = known.window + (elsewhere ? 1 : 0)
  return marked(put({ ...windowOf(known, whole), window }, newer), whole)
}

/** From where on this person has not read, if that is before this page. */
export function unreadBefore({ messages, read_n, unread }: MessagePage): number | undefined {
  const here = messages.filter((m) => !m.mine && !m.deleted && m.n > read_n).length
  const oldest = Math.min(...messages.map(({ n }) => n))
  return unread > here && oldest > read_n + 1 && messages.length > 0 ? read_n + 1 : undefined
}

const windowOf = (known: Messages, page: MessagePage): Messages => ({
  ...known,
  messages: union([], page.messages),
  before: page.next,
  older: 'rest',
  newer: page.newer ? 'rest' : 'none',
})

/** Messages of one chat that are kept for a start without network. */
const KEPT = 100

/** The newest messages as a page whose seq is older than any: what the server answers replaces it. */
export function keptPage(known: Messages): MessagePage {
  const { messages, before, readN, theirReadN, unread } = known
  return {
    messages: messages.slice(-KEPT).reverse(),
    // No cursor leads on from where it was cut; the server's answer has one.
    next: messages.length > KEPT ? 'kept' : before,
    newer: false,
    seq: 0,
    read_n: readN,
    their_read_n: theirReadN,
    unread,
  }
}

/** Another part of the chat, in place of this one. */
export const moveTo = (known: Messages, page: MessagePage): Messages =>
  marked({ ...windowOf(known, page), window: known.window + 1 }, page)

function applyMessage(known: Messages, event: MessageEvent): Messages | 'gap' {
  if (event.seq <= known.seq) return known
  if (event.seq > known.seq + 1) return 'gap'
  return { ...put(known, [event.message]), seq: event.seq, unread: event.unread }
}

function applyRead(known: Messages, event: ReadEvent): Messages {
  if (event.mine) {
    if (event.n <= known.readN) return known
    return { ...known, readN: event.n, unread: event.unread }
  }
  if (event.n <= (known.theirReadN ?? 0)) return known
  return { ...known, theirReadN: event.n }
}

/** One page more of what was said before. */
export function putOlder(known: Messages, page: MessagePage): Messages {
  return {
    ...known,
    messages: union(known.messages, page.messages),
    before: page.next,
    older: 'rest',
  }
}

/** A page more of what was said after; it reaches back to the last message here. */
export function putNewer(known: Messages, page: MessagePage): Messages {
  return {
    ...known,
    messages: union(known.messages, page.messages),
    newer: page.newer ? 'rest' : 'none',
  }
}

/** This person has read up to n, and the server is being told. */
export function readTo(known: Messages, n: number): Messages {
  if (n <= known.readN) return known
  const unread = known.messages.filter((m) => !m.mine && !m.deleted && m.n > n).length
  return { ...known, readN: n, unread }
}

export const messagesReducer: Reducer<Messages, ChatEvent, MessagesAnswer> = {
  initial: noMessages,
  merge,
  apply(known, event) {
    if (event.type === 'message') return applyMessage(known, event)
    return event.type === 'read' ? applyRead(known, event) : heardAt(known, [event.n])
  },
  compare: (a, b) => (a.type === 'message' ? a.seq : 0) - (b.type === 'message' ? b.seq : 0),
}
