import { answer, api, me, Problem, uuid } from '../api'
import type { RoomMessage, RoomMessages } from '../api/types'
import { type Readable, Writable } from '../ui/store'
import type { Listener } from './connection'
import { environment } from './environment'
import { type Live, LiveStore, type Reducer } from './liveStore'
import { listenTalk, type TalkEvent } from './roomTalk'

export interface ChatFields {
  /** In order, the oldest first. */
  messages: readonly RoomMessage[]
  /** Where the older ones begin; none: there are no more. */
  next: string | undefined
}

const nothing: ChatFields = { messages: [], next: undefined }

/** Messages put together, each once, as the newer answer has it; what is deleted stays deleted. */
function joined(known: readonly RoomMessage[], news: readonly RoomMessage[]): RoomMessage[] {
  const all = new Map(known.map((m) => [m.id, m]))
  for (const m of news) if (all.get(m.id)?.deleted === undefined) all.set(m.id, m)
  return [...all.values()].sort((a, b) => a.at - b.at)
}

/** The messages of one room, as LiveStore keeps them. An answer is the newest page. */
export const chatReducer: Reducer<ChatFields, TalkEvent, RoomMessages> = {
  initial: nothing,
  merge(known, { messages, next }) {
    const oldest = messages.at(-1)
    const newest = known.messages.at(-1)
    // More was missed than a page has: what was known before is not next to it.
    const apart = next !== undefined && oldest && (!newest || newest.at < oldest.at)
    if (apart) return { messages: joined([], messages), next }
    // What the answer would have and has not is not ours to see any more.
    const last = messages[0]?.at ?? 0
    const ids = new Set(messages.map((m) => m.id))
    const still = known.messages.filter(
      (m) => ids.has(m.id) || m.at > last || (oldest !== undefined && m.at < oldest.at),
    )
    const all = joined(still, messages)
    return { messages: all, next: newest && next !== undefined ? known.next : next }
  },
  apply(known, event) {
    if (event.type === 'message') {
      const messages = joined(known.messages, [event.message])
      return { ...known, messages }
    }
    if (event.type !== 'message_deleted') return known
    const { id, deleted } = event
    if (!known.messages.some((m) => m.id === id && m.deleted === undefined)) return known
    return {
      ...known,
      messages: known.messages.map((m) => (m.id === id ? { ...m, text: '', deleted } : m)),
    }
  },
}

/** What is being written. The id stays until it has arrived: sent twice, it is there once. */
export interface ChatDraft {
  id: string
  text: string
  /** Who was chosen to be mentioned: an account by the name that stands in the text. */
  mentions: ReadonlyMap<string, string>
}

const blank = (): ChatDraft => ({ id: uuid(), text: '', mentions: new Map() })

/** How many were written since one looked, and whether one is mentioned in them. */
export interface Unread {
  count: number
  mentioned: boolean
}

/** What was begun in the room one is in, for a reload; gone with the tab. */
const KEPT = 'heyy.room_draft'

interface Kept {
  room: string
  id: string
  text: string
  mentions: [name: string, account: string][]
  waits: number
}

function keep(room: string, { id, text, mentions }: ChatDraft, waits: number): void {
  try {
    if (text === '' && waits < Date.now()) sessionStorage.removeItem(KEPT)
    else {
      const kept: Kept = { room, id, text, mentions: [...mentions], waits }
      sessionStorage.setItem(KEPT, JSON.stringify(kept))
    }
  } catch {
    // Without storage it is lost with a reload, that is all.
  }
}

function kept(): Kept | undefined {
  try {
    const said = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Kept | null
    const whole =
      typeof said?.id === 'string' &&
      typeof said.text === 'string' &&
      typeof said.waits === 'number' &&
      Array.isArray(said.mentions)
    return whole ? said : undefined
  } catch {
    return undefined
  }
}

/** What was begun in this room, or in any, is not kept for a reload any longer. */
export function forgetDraft(room?: string): void {
  const begun = kept()
  if (begun && begun.room === (room ?? begun.room)) sessionStorage.removeItem(KEPT)
}

const none: Unread = { count: 0, mentioned: false }
const path = (room: string) => ({ params: { path: { room } } })

/** The chat of one room. It is read while somebody looks; until then it counts what is new. */
export class RoomChat implements Readable<Live<ChatFields>> {
  readonly draft = new Writable<ChatDraft>(blank())
  readonly unread = new Writable<Unread>(none)
  readonly open = new Writable(false)
  /** When this person may write again, by the page's clock; 0: now. */
  readonly waits = new Writable(0)
  readonly get: () => Live<ChatFields>
  readonly subscribe: (changed: () => void) => () => void
  readonly #live: LiveStore<ChatFields, TalkEvent, RoomMessages>
  #listener: Listener<TalkEvent> | undefined

  constructor(readonly roomId: string) {
    this.#live = new LiveStore(chatReducer, {
      ...environment,
      read: () => answer(api.GET('/api/rooms/{room}/messages', path(roomId))),
      listen: (listener) => {
        this.#listener = listener
        return () => {
          this.#listener = undefined
        }
      },
      keepsState: true,
      tellsFailures: true,
    })
    this.get = this.#live.get
    this.subscribe = this.#live.subscribe
    const begun = kept()
    if (begun?.room === roomId) {
      const { id, text, mentions, waits } = begun
      this.draft.set({ id, text, mentions: new Map(mentions) })
      this.waits.set(waits)
    }
    const changed = () => keep(roomId, this.draft.get(), this.waits.get())
    this.draft.subscribe(changed)
    this.waits.subscribe(changed)
  }

  /** Live while somebody looks, until the returned function is called. */
  look = (): (() => void) => {
    this.unread.set(none)
    return this.#live.start()
  }

  retry = (): void => void this.#live.retry()

  heard(event: TalkEvent): void {
    this.#listener?.event(event)
    if (this.open.get() || event.type !== 'message') return
    const who = me.get()
    if (who.status === 'in' && event.message.person.id === who.me.id) return
    const { count, mentioned } = this.unread.get()
    this.unread.set({ count: count + 1, mentioned: mentioned || event.message.mentioned === true })
  }

  missed(): void {
    this.#listener?.missed()
  }

  /** Reads the page before what is known. */
  async older(): Promise<Problem | undefined> {
    const { next } = this.get()
    if (next === undefined) return undefined
    try {
      const page = await answer(
        api.GET('/api/rooms/{room}/messages', {
          params: { path: { room: this.roomId }, query: { before: next } },
        }),
      )
      this.#live.update((known) =>
        known.next === next
          ? { messages: joined(known.messages, page.messages), next: page.next }
          : known,
      )
      return undefined
    } catch (thrown) {
      return Problem.of(thrown)
    }
  }

  /** Sends what is written. It stays in the field until it has arrived. */
  async send(pauseMs: number): Promise<Problem | undefined> {
    const { id, text, mentions } = this.draft.get()
    const said = text.trim()
    const meant = [...mentions].filter(([name]) => said.includes(`@${name}`)).map(([, who]) => who)
    try {
      const message = await answer(
        api.PUT('/api/rooms/{room}/messages/{message}', {
          params: { path: { room: this.roomId, message: id } },
          body: meant.length > 0 ? { text: said, mentions: meant } : { text: said },
        }),
      )
      this.#live.hear({ type: 'message', message })
      this.draft.set(blank())
      if (pauseMs > 0) this.waits.set(Date.now() + pauseMs)
      return undefined
    } catch (thrown) {
      const problem = Problem.of(thrown)
      if (problem.code === 'room.slow' && problem.retryAfter !== undefined)
        this.waits.set(Date.now() + problem.retryAfter * 1000)
      return problem
    }
  }

  /** Whom one has blocked wrote nothing. */
  forget(person: string): void {
    this.#live.update((known) => ({
      ...known,
      messages: known.messages.filter((m) => m.person.id !== person),
    }))
  }

  async remove(message: RoomMessage): Promise<Problem | undefined> {
    try {
      await api.DELETE('/api/rooms/{room}/messages/{message}', {
        params: { path: { room: this.roomId, message: message.id } },
      })
      return undefined
    } catch (thrown) {
      return Problem.of(thrown)
    }
  }
}

const chats = new Map<string, RoomChat>()
/** Drafts of more rooms than anybody is in on one evening. */
const mostChats = 20

/** The chat of a room; what is begun in it is kept while this page is there. */
export function roomChat(roomId: string): RoomChat {
  const known = chats.get(roomId)
  if (known) return known
  const made = new RoomChat(roomId)
  chats.set(roomId, made)
  const [oldest] = chats.keys()
  if (chats.size > mostChats && oldest !== undefined) chats.delete(oldest)
  return made
}

listenTalk({
  heard: (event, roomId) => roomChat(roomId).heard(event),
  missed: (roomId) => chats.get(roomId)?.missed(),
})

// What one person has begun to write is not the next one's.
me.subscribe(() => {
  if (me.get().status !== 'out') return
  chats.clear()
  forgetDraft()
})
