import { answer, api, type Message, type MessageChanges, type MessagePage, Problem } from '../api'
import { type Listener, listenOwn, type OwnListener } from './connection'
import { environment } from './environment'
import { type LiveDeps, LiveStore } from './liveStore'
import {
  type ChatEvent,
  heardAt,
  keptPage,
  type Messages,
  type MessagesAnswer,
  messagesReducer,
  moveTo,
  putNewer,
  putOlder,
  readTo,
  unreadBefore,
} from './messages'
import { chatSnapshot } from './snapshots'
import { Typing } from './typing'

/** What a conversation asks of the server. */
export interface ChatServer {
  page(before?: string): Promise<MessagePage>
  /** The page with message n in its middle; near the end of the chat, the newest. */
  around(n: number): Promise<MessagePage>
  changes(since: number): Promise<MessageChanges>
  edit(id: string, text: string): Promise<Message>
  remove(id: string): Promise<Message>
  react(id: string, emoji: string): Promise<Message>
  withdraw(id: string): Promise<Message>
  read(n: number): Promise<unknown>
  heard(id: string): Promise<unknown>
  typing(): Promise<unknown>
}

export interface ConversationDeps
  extends Pick<LiveDeps<Messages, ChatEvent, MessagesAnswer>, 'later' | 'onNetwork' | 'kept'> {
  server: ChatServer
  listen(owner: OwnListener): () => void
  now(): number
  /** This person has read up to n; the list of chats wants to know. */
  onRead?(n: number, unread: number): void
}

/** The server passes it on at most so often. */
const typingEveryMs = 3000
const PAGE = 50
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

async function read(
  server: ChatServer,
  known: Messages | undefined,
  anchor: number | undefined,
): Promise<MessagesAnswer> {
  const whole = async () => ({
    whole: await (anchor === undefined ? server.page() : server.around(anchor)),
  })
  if (!known) return whole()
  try {
    return { changes: await server.changes(known.seq) }
  } catch (thrown) {
    if (Problem.of(thrown).code !== 'live.too_old') throw thrown
    return whole()
  }
}

/** The messages of one chat, kept true to what the server tells. */
export class Conversation extends LiveStore<Messages, ChatEvent, MessagesAnswer> {
  readonly #deps: ConversationDeps
  readonly #person: string
  /** How far the server has to be told that this person has read. */
  #owed = 0
  #telling = false
  /** Voice messages whose listening has to be told. */
  readonly #listened = new Map<string, number>()
  #typed = Number.NEGATIVE_INFINITY
  /** The message that the window is about; none: it is the newest part of the chat. */
  #anchor: number | undefined
  /** Counts what asks for another window: only the last one gets it. */
  #moves = 0

  constructor(person: string, deps: ConversationDeps, at?: number) {
    const typing = new Typing(deps.later, (_, on) =>
      this.update((known) => ({ ...known, typing: on })),
    )
    super(messagesReducer, {
      later: deps.later,
      onNetwork: (fn) =>
        deps.onNetwork((there) => {
          fn(there)
          if (there) this.#resume()
        }),
      ...(deps.kept ? { kept: deps.kept } : {}),
      read: async (known) => {
        const answer = await read(deps.server, known, this.#anchor)
        // Opened for the first time with more unread than is on the newest page: it begins there.
        const opens = this.#anchor === undefined && this.get().status !== 'ready'
        const n = opens && answer.whole ? unreadBefore(answer.whole) : undefined
        if (n === undefined) return answer
        const whole = await deps.server.around(n)
        if (whole.newer) this.#anchor = n
        return { whole }
      },
      listen: (listener) => {
        const stop = deps.listen(ownOf(person, listener, typing))
        return () => {
          stop()
          typing.clear()
        }
      },
      onEvent: (event) => {
        if (event.type === 'message' && !event.message.mine) typing.over(person)
      },
    })
    this.#person = person
    this.#deps = deps
    this.#anchor = at
  }

  /** Reads the page before the oldest message here, if there is one and none is being read. */
  older = async (): Promise<void> => {
    const { before, older } = this.get()
    if (before === undefined || older === 'loading') return
    this.update((known) => ({ ...known, older: 'loading' }))
    try {
      const page = await this.#current(() => this.#deps.server.page(before))
      // Meanwhile the window may have begun anew.
      this.update((known) => (known.before === before ? putOlder(known, page) : known))
    } catch {
      this.update((known) => (known.before === before ? { ...known, older: 'failed' } : known))
    }
  }

  /** The network is back: what did not come is read again. */
  #resume(): void {
    const { older, newer } = this.get()
    if (older === 'failed') void this.older()
    if (newer === 'failed') void this.newer()
  }

  /** A page that knows all that this window has heard of: events about messages outside are dropped. */
  async #current(ask: () => Promise<MessagePage>): Promise<MessagePage> {
    let page = await ask()
    for (let tries = 0; page.seq < this.get().seq && tries < 3; tries++) page = await ask()
    return page
  }

  /** Reads the page after the newest message here, if there is one and none is being read. */
  newer = async (): Promise<void> => {
    const { newer, window, messages } = this.get()
    const last = messages.at(-1)
    if (newer === 'none' || newer === 'loading' || !last) return
    const here = (known: Messages) => known.window === window && known.messages.at(-1)?.n === last.n
    this.update((known) => ({ ...known, newer: 'loading' }))
    try {
      const page = await this.#current(() => this.#deps.server.around(last.n + PAGE / 2))
      if (!here(this.get())) return
      // At the end of the chat, a page that is not current would leave a hole before the next event.
      const whole = page.newer || page.seq >= this.get().seq
      this.update((known) => (whole ? putNewer(known, page) : { ...known, newer: 'failed' }))
      if (this.get().newer === 'none') this.#anchor = undefined
    } catch {
      this.update((known) => (here(known) ? { ...known, newer: 'failed' } : known))
    }
  }

  /** Shows the part of the chat around message n. Resolves with what went wrong, or with nothing. */
  jump = async (n: number): Promise<Problem | undefined> => {
    const { messages } = this.get()
    if (messages.some((message) => message.n === n)) return undefined
    return this.#move(n)
  }

  /** Shows the newest part of the chat. */
  toNewest = async (): Promise<Problem | undefined> =>
    this.get().newer === 'none' ? undefined : this.#move(undefined)

  async #move(anchor: number | undefined): Promise<Problem | undefined> {
    const move = ++this.#moves
    const { server } = this.#deps
    try {
      const page = await this.#current(() =>
        anchor === undefined ? server.page() : server.around(anchor),
      )
      if (move !== this.#moves) return undefined
      if (page.seq < this.get().seq && !page.newer)
        return new Problem({ code: 'server.busy', status: 503, detail: '' })
      this.#anchor = page.newer ? anchor : undefined
      this.update((known) => moveTo(known, page))
      return undefined
    } catch (thrown) {
      return move === this.#moves ? Problem.of(thrown) : undefined
    }
  }

  /** An answer to a command, heard like its event. */
  took = (message: Message): void => {
    const { unread } = this.get()
    this.hear({ type: 'message', person_id: this.#person, seq: message.seq, message, unread })
  }

  edit = (id: string, text: string) =>
    this.command(() => this.#deps.server.edit(id, text), this.took)

  remove = (id: string) => this.command(() => this.#deps.server.remove(id), this.took)

  /** One reaction of each person; none takes it back. */
  react = (id: string, emoji: string | undefined) =>
    this.command(
      () =>
        emoji === undefined ? this.#deps.server.withdraw(id) : this.#deps.server.react(id, emoji),
      this.took,
    )

  /** Everything up to n has been on the screen of somebody who looked at it. */
  seen = (n: number): void => {
    if (n <= this.get().readN) return
    this.update((known) => readTo(known, n))
    this.#deps.onRead?.(n, this.get().unread)
    this.#owed = n
    if (!this.#telling) void this.#tell(FIRST_PAUSE_MS)
  }

  async #tell(pause: number): Promise<void> {
    this.#telling = true
    const n = this.#owed
    const problem = await this.#deps.server.read(n).then(() => undefined, Problem.of)
    if (problem && !problem.isRefusal) {
      this.#deps.later(() => void this.#tell(Math.min(pause * 2, LONGEST_PAUSE_MS)), pause)
    } else if (this.#owed > n) {
      await this.#tell(FIRST_PAUSE_MS)
    } else this.#telling = false
  }

  /** A voice message of theirs has begun to play. */
  listened = (message: Message): void => {
    if (message.mine || !message.voice) return
    const now = this.get().messages.find(({ n }) => n === message.n)
    if ((now ?? message).voice?.heard || this.#listened.has(message.id)) return
    this.update((known) => heardAt(known, [message.n]))
    this.#listened.set(message.id, message.n)
    void this.#tellHeard(message.id, FIRST_PAUSE_MS)
  }

  async #tellHeard(id: string, pause: number): Promise<void> {
    const problem = await this.#deps.server.heard(id).then(() => undefined, Problem.of)
    if (problem && !problem.isRefusal) {
      const next = Math.min(pause * 2, LONGEST_PAUSE_MS)
      this.#deps.later(() => void this.#tellHeard(id, next), pause)
    } else this.#listened.delete(id)
  }

  /** Somebody is writing here. */
  typing = (): void => {
    const now = this.#deps.now()
    if (now - this.#typed < typingEveryMs) return
    this.#typed = now
    void this.#deps.server.typing().catch(() => {
      // Nobody misses it.
    })
  }

  /** What was written is on its way: the next word is told at once. */
  typed = (): void => {
    this.#typed = Number.NEGATIVE_INFINITY
  }
}

/** What this account is told about one chat. */
const ownOf = (person: string, listener: Listener<ChatEvent>, typing: Typing): OwnListener => ({
  event(said) {
    if (!('person_id' in said) || said.person_id !== person) return
    if (said.type === 'typing') typing.heard(person)
    else if (said.type === 'message' || said.type === 'read' || said.type === 'heard')
      listener.event(said)
  },
  missed: () => listener.missed(),
})

function serverOf(person: string): ChatServer {
  const about = { params: { path: { person } } }
  const of = (message: string) => ({ params: { path: { person, message } } })
  return {
    page: (before) => {
      const query = before === undefined ? {} : { before }
      return answer(
        api.GET('/api/chats/{person}/messages', { params: { path: { person }, query } }),
      )
    },
    around: (n) => {
      const query = { around: n, limit: PAGE }
      return answer(
        api.GET('/api/chats/{person}/messages', { params: { path: { person }, query } }),
      )
    },
    changes: (since) =>
      answer(
        api.GET('/api/chats/{person}/changes', { params: { path: { person }, query: { since } } }),
      ),
    edit: (id, text) =>
      answer(api.PATCH('/api/chats/{person}/messages/{message}', { ...of(id), body: { text } })),
    remove: (id) => answer(api.DELETE('/api/chats/{person}/messages/{message}', of(id))),
    react: (id, emoji) =>
      answer(
        api.PUT('/api/chats/{person}/messages/{message}/reaction', { ...of(id), body: { emoji } }),
      ),
    withdraw: (id) => answer(api.DELETE('/api/chats/{person}/messages/{message}/reaction', of(id))),
    heard: (id) => api.PUT('/api/chats/{person}/messages/{message}/heard', of(id)),
    read: (n) => api.PUT('/api/chats/{person}/read', { ...about, body: { n } }),
    typing: () => api.PUT('/api/chats/{person}/typing', about),
  }
}

function keptOf(person: string): NonNullable<ConversationDeps['kept']> {
  const snapshot = chatSnapshot<MessagePage>(person)
  return {
    async load() {
      const whole = await snapshot.load()
      return whole && { whole }
    },
    save(known) {
      if (known.newer === 'none') snapshot.save(keptPage(known))
    },
  }
}

/** The conversation with a match, as a screen opens it: at message `at`, or at the end. */
export const openConversation = (
  person: string,
  onRead: (n: number, unread: number) => void,
  at?: number,
): Conversation =>
  new Conversation(
    person,
    {
      ...environment,
      ...(at === undefined ? { kept: keptOf(person) } : {}),
      server: serverOf(person),
      listen: listenOwn,
      now: () => Date.now(),
      onRead,
    },
    at,
  )
