import { answer, api, type Message, me, onGoodbye, Problem, sendVoice, uuid } from '../api'
import { type Readable, Writable } from '../ui/store'
import { environment } from './environment'
import { browserKeeper, type Keeper } from './keeper'
import * as queue from './queue'

export interface OutgoingDeps {
  send(
    person: string,
    id: string,
    body: { text: string; reply?: number; moment?: string },
    voice?: queue.Sound,
  ): Promise<Message>
  keeper: Keeper
  id(): string
  now(): number
  later(fn: () => void, ms: number): () => void
  onNetwork(fn: (there: boolean) => void): () => void
  tabs: Tabs
}

/** A draft that was sent or cleared in another tab of this browser. */
export interface DraftGone {
  account: string
  person: string
  /** What it was; see queue.markOf. */
  mark: string
}

/** The other tabs of this browser. */
export interface Tabs {
  tell(said: DraftGone): void
  hear(fn: (said: DraftGone) => void): void
}

export interface Words {
  text: string
  voice?: queue.Sound
  reply?: queue.Draft['reply']
  moment?: string
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/** Nobody to act for: the page begins anew, and what is kept is sent when this person is in again. */
const isOfSession = ({ status, code }: Problem) =>
  status === 401 || code === 'session.other_account'

/**
 * OutgoingQueue sends messages, each once, in the order of each chat, and keeps those that have not
 * arrived. A try that was lost is repeated with growing pauses and when the network is back; the
 * server knows the id. What it refuses waits for its writer. Drafts are kept beside.
 */
export class OutgoingQueue implements Readable<queue.Queue> {
  readonly #state = new Writable(queue.emptyQueue)
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  readonly #arrivals = new Set<(person: string, message: Message) => void>()
  #account: string | undefined
  /** Chats in which a message is under way. */
  readonly #running = new Set<string>()
  /** Whose drafts were changed in this tab: the others are as another one left them. */
  readonly #changed = new Set<string>()
  #pause = FIRST_PAUSE_MS
  #cancelRetry: (() => void) | undefined

  constructor(private readonly deps: OutgoingDeps) {
    deps.onNetwork((there) => {
      if (!there) return
      this.#pause = FIRST_PAUSE_MS
      this.#dropRetry()
      this.#pumpAll()
    })
    deps.tabs.hear(this.#goneElsewhere)
  }

  /** Takes up what this account has kept, and sends it. */
  load = async (account: string): Promise<void> => {
    if (this.#account === account) return
    this.#account = account
    const kept = await this.deps.keeper.load(account)
    if (this.#account !== account) return
    let next = this.get()
    for (const { person, outgoing, draft } of kept) {
      if (outgoing) {
        const known = queue.outgoingTo(next, person).some(({ id }) => id === outgoing.id)
        if (!known) next = queue.add(next, person, outgoing)
      } else if (!next.drafts.has(person)) next = queue.setDraft(next, person, draft)
    }
    this.#state.set(next)
    this.#pumpAll()
  }

  /** Lets go of everything on this page: its session is over. What is kept waits for the next one. */
  leave = (): void => {
    this.#account = undefined
    this.#changed.clear()
    this.#dropRetry()
    this.#state.set(queue.emptyQueue)
  }

  /** Forgets everything, here and in the browser: this person wishes to go. */
  clear = async (): Promise<void> => {
    const account = this.#account
    this.leave()
    if (account) await this.deps.keeper.clear(account)
  }

  /** Told of each message that the server has stored. */
  onArrival = (fn: (person: string, message: Message) => void): (() => void) => {
    this.#arrivals.add(fn)
    return () => this.#arrivals.delete(fn)
  }

  send = (person: string, words: Words): void => {
    this.#put(person, this.#item(words, 'sending'))
    void this.#pump(person)
  }

  /** Keeps it among what goes out, until its writer sends it or throws it away. */
  hold = (person: string, words: Words): void => this.#put(person, this.#item(words, 'failed'))

  #item = (words: Words, state: queue.Outgoing['state']): queue.Outgoing => ({
    id: this.deps.id(),
    text: words.text,
    ...(words.voice ? { voice: words.voice } : {}),
    ...(words.reply ? { reply: words.reply } : {}),
    ...(words.moment ? { moment: words.moment } : {}),
    at: this.deps.now(),
    state,
  })

  /** Once more, because a person has asked. */
  retry = (person: string, id: string): void => {
    const item = queue.outgoingTo(this.get(), person).find((one) => one.id === id)
    if (!item) return
    const { problem, ...rest } = item
    // The id belongs to another message: this one needs its own.
    if (problem?.code === 'message.id_used') {
      this.discard(person, id)
      this.send(person, item)
      return
    }
    this.#put(person, { ...rest, state: 'sending' })
    void this.#pump(person)
  }

  discard = (person: string, id: string): void => {
    this.#state.set(queue.remove(this.get(), person, id))
    if (this.#account) void this.deps.keeper.drop({ account: this.#account, person, id })
  }

  /** Out of the queue and back to its writer. */
  takeBack = (person: string, id: string): queue.Outgoing | undefined => {
    const item = queue.outgoingTo(this.get(), person).find((one) => one.id === id)
    if (item?.state !== 'failed') return undefined
    this.discard(person, id)
    return item
  }

  draft = (person: string, draft: queue.Draft | undefined): void => {
    const before = this.get().drafts.get(person)
    this.#state.set(queue.setDraft(this.get(), person, draft))
    const account = this.#account
    if (!account) return
    const kept = this.get().drafts.get(person)
    if (kept) {
      this.#changed.add(person)
      void this.deps.keeper.put({ account, person, draft: kept })
      return
    }
    this.#changed.delete(person)
    const dropped = this.deps.keeper.drop({ account, person })
    if (!before) return
    const gone = { account, person, mark: queue.markOf(before) }
    // Afterwards: another tab may have to keep its own in this place.
    void dropped.then(() => this.deps.tabs.tell(gone))
  }

  /** It goes here, too, unless something else was written here. */
  #goneElsewhere = ({ account, person, mark }: DraftGone): void => {
    const here = this.get().drafts.get(person)
    if (account !== this.#account || !here) return
    if (this.#changed.has(person) && queue.markOf(here) !== mark) {
      void this.deps.keeper.put({ account, person, draft: here })
      return
    }
    this.#changed.delete(person)
    this.#state.set(queue.setDraft(this.get(), person, undefined))
  }

  /** The match has ended. */
  forget = (person: string): void => {
    for (const { id } of queue.outgoingTo(this.get(), person)) this.discard(person, id)
    this.draft(person, undefined)
  }

  #put(person: string, item: queue.Outgoing): void {
    const known = queue.outgoingTo(this.get(), person).some(({ id }) => id === item.id)
    this.#state.set(
      known
        ? queue.change(this.get(), person, item.id, () => item)
        : queue.add(this.get(), person, item),
    )
    const account = this.#account
    // Whether a try was lost is of no use to the next page.
    if (account && item.state !== 'waiting') {
      void this.deps.keeper.put({ account, person, outgoing: item })
    }
  }

  #pumpAll(): void {
    for (const person of this.get().outgoing.keys()) void this.#pump(person)
  }

  async #pump(person: string): Promise<void> {
    if (this.#running.has(person)) return
    this.#running.add(person)
    const account = this.#account
    let item = queue.nextFor(this.get(), person)
    while (item && this.#account === account && (await this.#try(person, item))) {
      item = queue.nextFor(this.get(), person)
    }
    this.#running.delete(person)
  }

  /** One try; whether the next message may follow. */
  async #try(person: string, item: queue.Outgoing): Promise<boolean> {
    const { id, text, voice, reply, moment } = item
    const body = {
      text,
      ...(reply ? { reply: reply.n } : {}),
      ...(moment ? { moment } : {}),
    }
    const account = this.#account
    const got = await this.deps.send(person, id, body, voice).catch((thrown) => Problem.of(thrown))
    if (this.#account !== account) return false
    if (!(got instanceof Problem)) {
      this.#pause = FIRST_PAUSE_MS
      // First the message, then its shadow away: it is never missing.
      for (const told of this.#arrivals) told(person, got)
      this.discard(person, id)
      return true
    }
    if (isOfSession(got)) return false
    // Stored, but the answer is gone: the same id answers it again.
    if (got.code === 'chat.none') {
      this.forget(person)
      return false
    }
    if (got.isRefusal && got.code !== 'command.applied') {
      // Discarded meanwhile: the match may have ended while it was on its way.
      if (!queue.outgoingTo(this.get(), person).some((one) => one.id === id)) return true
      const problem = { code: got.code, status: got.status }
      this.#put(person, { ...item, state: 'failed', problem })
      return true
    }
    if (queue.outgoingTo(this.get(), person).some((one) => one.id === id)) {
      this.#put(person, { ...item, state: 'waiting' })
    }
    this.#cancelRetry ??= this.deps.later(() => {
      this.#cancelRetry = undefined
      this.#pumpAll()
    }, this.#pause)
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS)
    return false
  }

  #dropRetry(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
  }
}

/** Without the channel, each tab is on its own. */
function browserTabs(): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { tell() {}, hear() {} }
  const channel = new BroadcastChannel('heyy.drafts')
  return {
    tell: (said) => channel.postMessage(said),
    hear(fn) {
      // Only this app, in this browser, can speak here.
      channel.onmessage = (event: MessageEvent<DraftGone>) => fn(event.data)
    },
  }
}

export const outgoing = new OutgoingQueue({
  ...environment,
  tabs: browserTabs(),
  keeper: browserKeeper(),
  id: uuid,
  now: () => Date.now(),
  async send(person, message, body, voice) {
    if (voice) return sendVoice(person, message, body, await encoded(voice))
    return answer(
      api.PUT('/api/chats/{person}/messages/{message}', {
        params: { path: { person, message } },
        body,
      }),
    )
  },
})

let encode: ((wav: ArrayBuffer) => Promise<Blob>) | undefined

/** How a recording that a closing page left behind is encoded; it is waited for. */
export function encodeWith(encoder: (wav: ArrayBuffer) => Promise<Blob>): void {
  encode = encoder
}

/** As the server takes it. */
export async function encoded({ bytes, type }: queue.Sound): Promise<Blob> {
  if (type === 'audio/ogg') return new Blob([bytes], { type })
  if (!encode) throw Problem.offline()
  return encode(bytes)
}

/** What is kept belongs to one account, and goes with it. */
function follow(): void {
  const who = me.get()
  if (who.status === 'in') void outgoing.load(who.me.id)
  else if (who.status === 'out') outgoing.leave()
}
onGoodbye(outgoing.clear)
me.subscribe(follow)
follow()
