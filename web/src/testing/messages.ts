import type { Chat, Message, MessagePage } from '../api'

/** Message n of a chat, as it was sent. */
export const message = (n: number, more: Partial<Message> = {}): Message => ({
  id: `m-${n}`,
  n,
  mine: false,
  at: n * 60_000,
  text: `text ${n}`,
  edited: false,
  deleted: false,
  reactions: [],
  seq: n,
  ...more,
})

export const page = (
  messages: readonly Message[],
  more: Partial<MessagePage> = {},
): MessagePage => ({
  messages: [...messages].sort((a, b) => b.n - a.n),
  seq: Math.max(0, ...messages.map(({ seq }) => seq)),
  read_n: 0,
  unread: 0,
  newer: false,
  ...more,
})

export const chat = (id: string, more: Partial<Chat> = {}): Chat => ({
  person: { id, name: id, resident: false, verified: false },
  match: true,
  at: 0,
  seq: 0,
  unread: 0,
  read_n: 0,
  ...more,
})
