import type { Chat, OwnEvent } from '../api'
import type { Reducer } from './liveStore'

export interface ChatList {
  /** Last activity first. */
  chats: readonly Chat[]
  /** Messages that this person has not read, in all chats together. */
  unread: number
  /** Who is writing. */
  typing: ReadonlySet<string>
  /** Ended, blocked or reported: an older list may still hold them. */
  gone: ReadonlySet<string>
}

export const noChats: ChatList = { chats: [], unread: 0, typing: new Set(), gone: new Set() }

function list(known: ChatList, found: readonly Chat[]): ChatList {
  const chats = found.filter((chat) => !known.gone.has(chat.person.id)).sort((a, b) => b.at - a.at)
  return { ...known, chats, unread: chats.reduce((sum, { unread }) => sum + unread, 0) }
}

const of = (known: ChatList, person: string) =>
  known.chats.find((chat) => chat.person.id === person)

const put = (known: ChatList, chat: Chat): ChatList =>
  list(known, [chat, ...known.chats.filter((one) => one.person.id !== chat.person.id)])

/** What is known may be newer than the answer. */
function newer(answered: Chat, known: Chat | undefined): Chat {
  if (!known || known.seq < answered.seq) return answered
  if (known.seq === answered.seq && known.read_n <= answered.read_n) return answered
  return known
}

export const drop = (known: ChatList, person: string): ChatList =>
  list({ ...known, gone: new Set(known.gone).add(person) }, known.chats)

/** Begun or accepted here; it may have ended before. */
export const begin = (known: ChatList, chat: Chat): ChatList =>
  put(forgive(known, chat.person.id), chat)

function forgive(known: ChatList, person: string): ChatList {
  if (!known.gone.has(person)) return known
  const gone = new Set(known.gone)
  gone.delete(person)
  return { ...known, gone }
}

export function setTyping(known: ChatList, person: string, on: boolean): ChatList {
  const typing = new Set(known.typing)
  if (on) typing.add(person)
  else typing.delete(person)
  return { ...known, typing }
}

function applyMessage(known: ChatList, event: Extract<OwnEvent, { type: 'message' }>): ChatList {
  const chat = of(known, event.person_id)
  const { message, seq, unread } = event
  if (!chat || seq <= chat.seq) return known
  const isLast = message.n >= (chat.last?.n ?? 0)
  const isNew = message.n > (chat.last?.n ?? 0)
  // Whoever was asked has answered.
  const { asked: _, until: __, ...open } = chat
  return put(known, {
    ...(message.mine ? chat : open),
    seq,
    // Read here already, and the server did not know it.
    unread: isNew && message.n <= chat.read_n ? chat.unread : unread,
    at: isNew ? message.at : chat.at,
    ...(isLast ? { last: message } : {}),
  })
}

function applyRead(known: ChatList, event: Extract<OwnEvent, { type: 'read' }>): ChatList {
  const chat = of(known, event.person_id)
  if (!chat) return known
  if (!event.mine) {
    if (event.n <= (chat.their_read_n ?? 0)) return known
    return put(known, { ...chat, their_read_n: event.n })
  }
  if (event.n < chat.read_n) return known
  return put(known, { ...chat, read_n: event.n, unread: event.unread })
}

export const chatListReducer: Reducer<ChatList, OwnEvent, readonly Chat[]> = {
  initial: noChats,
  merge: (known, chats) =>
    list(
      known,
      chats.map((chat) => newer(chat, of(known, chat.person.id))),
    ),
  apply(known, event) {
    if (event.type === 'message') return applyMessage(known, event)
    if (event.type === 'read') return applyRead(known, event)
    if (event.type === 'match_ended') return drop(known, event.person_id)
    if (event.type === 'chat') return forgive(known, event.person_id)
    if (event.type === 'matched') return forgive(known, event.person.id)
    return known
  },
  isStale: (known, event) =>
    event.type === 'matched' ||
    event.type === 'chat' ||
    (event.type === 'message' &&
      !known.gone.has(event.person_id) &&
      of(known, event.person_id) === undefined),
}
