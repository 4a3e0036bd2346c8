import { beforeEach, expect, it } from 'vitest'
import { type Message, type MessageChanges, type MessagePage, Problem } from '../api'
import { message, page } from '../testing/messages'
import type { OwnListener } from './connection'
import { Conversation } from './conversation'

const tick = () => new Promise<void>((done) => setTimeout(done, 0))
const refused = (code: string, status: number) => new Problem({ code, status, detail: '' })

let own: OwnListener
let timers: { fn: () => void; ms: number; off?: true }[]
let pages: (before?: string) => Promise<MessagePage>
let arounds: (n: number) => Promise<MessagePage>
let changes: (since: number) => Promise<MessageChanges>
let told: number[]
let typed: number
let network: (there: boolean) => void
let answered: Message
let listed: [number, number][]
let now: number
let asked: unknown[]
let hears: (id: string) => Promise<unknown>
let talk: Conversation

beforeEach(() => {
  timers = []
  told = []
  listed = []
  asked = []
  typed = 0
  hears = async () => {}
  now = 0
  answered = message(3, { reactions: [{ emoji: '👍', mine: true }], seq: 4 })
  pages = async () => page([message(1), message(2), message(3)], { read_n: 1, unread: 2 })
  arounds = async () => page([])
  changes = async () => ({ messages: [], heard: [], seq: 3, read_n: 1, unread: 2 })
  talk = conversation()
})

const conversation = (at?: number) =>
  new Conversation(
    'ada',
    {
      server: {
        page(before) {
          asked.push(['page', before])
          return pages(before)
        },
        around(n) {
          asked.push(['around', n])
          return arounds(n)
        },
        changes(since) {
          asked.push(['changes', since])
          return changes(since)
        },
        edit: async () => answered,
        remove: async () => answered,
        react: async () => answered,
        withdraw: async () => answered,
        read: async (n) => told.push(n),
        heard: (id) => hears(id),
        typing: async () => {
          typed++
        },
      },
      listen(owner) {
        own = owner
        return () => {}
      },
      later(fn, ms) {
        const timer: (typeof timers)[number] = { fn, ms }
        timers.push(timer)
        return () => {
          timer.off = true
        }
      },
      onNetwork(fn) {
        network = fn
        return () => {}
      },
      now: () => now,
      onRead: (n, unread) => listed.push([n, unread]),
    },
    at,
  )

const open = async () => {
  talk.start()
  await tick()
}
const ns = () => talk.get().messages.map(({ n }) => n)
const texts = () => talk.get().messages.map(({ text }) => text)
const said = (m: Message, unread = 0) =>
  own.event({ type: 'message', person_id: 'ada', seq: m.seq, message: m, unread })

it('opens with the newest page, the oldest first', async () => {
  await open()
  expect(talk.get()).toMatchObject({ status: 'ready', readN: 1, unread: 2 })
  expect(ns()).toEqual([1, 2, 3])
})

it('puts a message that follows, and nothing of other chats', async () => {
  await open()
  said(message(4), 3)
  own.event({ type: 'message', person_id: 'bo', seq: 9, message: message(9), unread: 1 })
  expect(ns()).toEqual([1, 2, 3, 4])
  expect(talk.get().unread).toBe(3)
})

it('reads what has changed behind a gap', async () => {
  await open()
  changes = async () => ({
    messages: [message(2, { text: 'better', seq: 4 }), message(4, { seq: 5 })],
    heard: [],
    seq: 5,
    read_n: 1,
    unread: 3,
  })
  said(message(5, { seq: 6 }), 4)
  await tick()
  expect(asked.at(-1)).toEqual(['changes', 3])
  expect(texts()).toEqual(['text 1', 'better', 'text 3', 'text 4', 'text 5'])
})

it('reads the whole where the changes are too old, without pages that may be stale', async () => {
  pages = async (before) =>
    before ? page([message(1)]) : page([message(2), message(3)], { next: 'c1' })
  await open()
  await talk.older()
  expect(ns()).toEqual([1, 2, 3])
  changes = async () => {
    throw refused('live.too_old', 410)
  }
  pages = async () => page([message(8), message(9)], { next: 'c7' })
  own.missed()
  await tick()
  expect(ns()).toEqual([8, 9])
  expect(talk.get().before).toBe('c7')
})

it('reads one older page at a time, and tells when it does not come', async () => {
  pages = async (before) => {
    if (before) throw refused('offline', 0)
    return page([message(4), message(5)], { next: 'c3' })
  }
  await open()
  const first = talk.older()
  void talk.older()
  expect(talk.get().older).toBe('loading')
  await first
  expect(asked.filter((a) => (a as unknown[])[1] === 'c3')).toHaveLength(1)
  expect(talk.get().older).toBe('failed')
  pages = async () => page([message(2), message(3)])
  await talk.older()
  expect(ns()).toEqual([2, 3, 4, 5])
  expect(talk.get()).toMatchObject({ older: 'rest', before: undefined })
})

it('reads an older page again that was overtaken by a change', async () => {
  pages = async () => page([message(4), message(5)], { next: 'c3' })
  await open()
  const answers = [
    page([message(2), message(3, { text: 'gone' })], { seq: 5 }),
    page([message(2), message(3, { deleted: true, text: '', seq: 6 })], { seq: 6 }),
  ]
  pages = async () => {
    const next = answers.shift()
    if (next?.seq === 5) said(message(3, { deleted: true, text: '', seq: 6 }))
    return next ?? page([])
  }
  await talk.older()
  expect(talk.get().messages.find(({ n }) => n === 3)?.text).toBe('')
  expect(answers).toEqual([])
})

it('leaves a change of a message out that is not here yet', async () => {
  pages = async () => page([message(4), message(5)], { next: 'c3' })
  await open()
  said(message(1, { deleted: true, text: '', seq: 6 }))
  expect(ns()).toEqual([4, 5])
  expect(talk.get().seq).toBe(6)
})

it('takes what was deleted out of the replies to it, also from before the window', async () => {
  const reply = { n: 1, mine: false, text: 'I should not have said this' }
  pages = async () => page([message(2, { reply }), message(3)], { seq: 3, next: 'older' })
  talk.start()
  await tick()
  const gone = message(1, { text: '', deleted: true, seq: 4 })
  own.event({ type: 'message', person_id: 'ada', seq: 4, message: gone, unread: 0 })
  expect(talk.get().messages.map(({ n, reply }) => [n, reply?.text])).toEqual([
    [2, ''],
    [3, undefined],
  ])
})

it('takes the answer to a command like its event', async () => {
  await open()
  await talk.react('m-3', '👍')
  expect(talk.get().messages.at(-1)?.reactions).toHaveLength(1)
  said(answered)
  expect(talk.get().seq).toBe(4)
})

it('keeps older pages when a refused command has it read again and nothing is new', async () => {
  pages = async (before) =>
    before ? page([message(1)]) : page([message(2), message(3)], { next: 'c1' })
  await open()
  await talk.older()
  answered = message(3)
  talk.get()
  const failing = talk.command(
    () => Promise.reject(refused('message.too_late', 409)),
    () => {},
  )
  expect((await failing)?.code).toBe('message.too_late')
  await tick()
  expect(ns()).toEqual([1, 2, 3])
})

it('tells each reading once, and never goes back', async () => {
  await open()
  talk.seen(3)
  talk.seen(3)
  talk.seen(2)
  await tick()
  expect(told).toEqual([3])
  expect(listed).toEqual([[3, 0]])
  expect(talk.get()).toMatchObject({ readN: 3, unread: 0 })
})

it('knows how far both have read', async () => {
  await open()
  own.event({ type: 'read', person_id: 'ada', mine: false, n: 2, unread: 2 })
  own.event({ type: 'read', person_id: 'ada', mine: true, n: 2, unread: 1 })
  own.event({ type: 'read', person_id: 'ada', mine: false, n: 1, unread: 2 })
  expect(talk.get()).toMatchObject({ theirReadN: 2, readN: 2, unread: 1 })
})

it('shows for a while that somebody writes, or until it comes', async () => {
  await open()
  own.event({ type: 'typing', person_id: 'ada' })
  own.event({ type: 'typing', person_id: 'ada' })
  expect(talk.get().typing).toBe(true)
  const [first, second] = timers
  expect(first).toMatchObject({ ms: 6000, off: true })
  second?.fn()
  expect(talk.get().typing).toBe(false)
  own.event({ type: 'typing', person_id: 'ada' })
  said(message(4))
  expect(talk.get().typing).toBe(false)
})

it('tells of typing at most every three seconds', async () => {
  await open()
  talk.typing()
  now = 2999
  talk.typing()
  expect(typed).toBe(1)
  now = 3000
  talk.typing()
  talk.typed()
  talk.typing()
  expect(typed).toBe(3)
})

const voice = (heard: boolean) => ({ ms: 12_000, peaks: [], heard })
const heards = () => talk.get().messages.map((m) => m.voice?.heard)

it('tells once that a voice message was listened to, also after a lost try', async () => {
  const theirs = message(2, { voice: voice(false) })
  pages = async () => page([message(1, { mine: true, voice: voice(false) }), theirs])
  const tries: string[] = []
  hears = async (id) => {
    tries.push(id)
    if (tries.length === 1) throw refused('offline', 0)
  }
  await open()
  talk.listened(message(1, { mine: true, voice: voice(false) }))
  talk.listened(theirs)
  talk.listened(theirs)
  await tick()
  expect(heards()).toEqual([false, true])
  expect(tries).toEqual([theirs.id])
  timers.at(-1)?.fn()
  await tick()
  talk.listened(theirs)
  expect(tries).toEqual([theirs.id, theirs.id])
  // What was on its way meanwhile does not know it yet.
  said(message(2, { voice: voice(false), seq: 3 }))
  expect(heards()).toEqual([false, true])
})

it('hears that the other has listened, at once or with what was missed', async () => {
  pages = async () =>
    page([1, 2].map((n) => message(n, { mine: true, voice: voice(false), seq: n })))
  await open()
  own.event({ type: 'heard', person_id: 'bo', mine: false, n: 2 })
  expect(heards()).toEqual([false, false])
  own.event({ type: 'heard', person_id: 'ada', mine: false, n: 1 })
  expect(heards()).toEqual([true, false])
  changes = async () => ({ messages: [], heard: [2, 1], seq: 2, read_n: 0, unread: 0 })
  own.missed()
  await tick()
  expect(heards()).toEqual([true, true])
})

/** A chat of 300 messages, as the server pages it. */
const long = (n: number, more: Partial<MessagePage> = {}): MessagePage => {
  const top = Math.min(n + 25, 300)
  const first = Math.max(1, top - 49)
  const some = Array.from({ length: top - first + 1 }, (_, i) => message(first + i))
  return page(some, {
    seq: 300,
    newer: top < 300,
    ...(first > 1 ? { next: `c${first}` } : {}),
    ...more,
  })
}
function longChat() {
  pages = async (before) => long(before ? Number(before.slice(1)) - 26 : 300)
  arounds = async (n) => long(n)
}

it('opens at a message, and goes on from there to the newest without a gap', async () => {
  longChat()
  talk = conversation(120)
  await open()
  expect(talk.get()).toMatchObject({ newer: 'rest', before: 'c96' })
  expect(ns()).toContain(120)
  await talk.older()
  while (talk.get().newer === 'rest') await talk.newer()
  expect(ns()).toEqual(Array.from({ length: 255 }, (_, i) => 46 + i))
  said(message(301))
  expect(ns().at(-1)).toBe(301)
})

it('leaves new messages out while it is not at the end, and has them when it comes there', async () => {
  longChat()
  talk = conversation(120)
  await open()
  said(message(301), 1)
  expect(ns().at(-1)).toBe(145)
  expect(talk.get()).toMatchObject({ seq: 301, unread: 1, newer: 'rest' })
  said(message(130, { deleted: true, text: '', seq: 302 }))
  expect(talk.get().messages.find(({ n }) => n === 130)?.text).toBe('')
  arounds = async () => page([message(300), message(301)], { seq: 302, newer: false })
  // A page that does not know them yet would leave a hole.
  const stale = arounds
  arounds = async () => page([message(300)], { seq: 300, newer: false })
  await talk.newer()
  expect(talk.get().newer).toBe('failed')
  arounds = stale
  await talk.newer()
  expect(ns().at(-1)).toBe(301)
  expect(talk.get().newer).toBe('none')
})

it('jumps to a message that is not here, and back to the newest', async () => {
  longChat()
  await open()
  expect(await talk.jump(299)).toBeUndefined()
  expect(talk.get().window).toBe(0)
  expect(await talk.jump(40)).toBeUndefined()
  expect(ns()).toContain(40)
  expect(talk.get()).toMatchObject({ window: 1, newer: 'rest' })
  expect(await talk.toNewest()).toBeUndefined()
  expect(talk.get()).toMatchObject({ window: 2, newer: 'none' })
  expect(ns().at(-1)).toBe(300)
})

it('stays where it is when a jump fails, and follows the last of two', async () => {
  longChat()
  await open()
  arounds = async () => {
    throw refused('offline', 0)
  }
  expect((await talk.jump(40))?.code).toBe('offline')
  expect(ns().at(-1)).toBe(300)
  const answers = new Map<number, (answer: MessagePage) => void>()
  arounds = (n) => new Promise((done) => answers.set(n, done))
  const first = talk.jump(40)
  const second = talk.jump(100)
  answers.get(100)?.(long(100))
  answers.get(40)?.(long(40))
  await Promise.all([first, second])
  expect(ns()).toContain(100)
  expect(ns()).not.toContain(40)
})

it('reads the same place again where the changes are too old', async () => {
  longChat()
  talk = conversation(120)
  await open()
  changes = async () => {
    throw refused('live.too_old', 410)
  }
  own.missed()
  await tick()
  expect(asked.at(-1)).toEqual(['around', 120])
  expect(ns()).toContain(120)
  expect(talk.get().newer).toBe('rest')
})

const some = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => message(from + i))

it('opens where the unread begins, if that is before the newest page', async () => {
  const marks = { seq: 166, read_n: 10, unread: 156 }
  pages = async () => page(some(117, 166), { next: 'c1', ...marks })
  arounds = async () => page(some(1, 36), { newer: true, ...marks })
  await open()
  expect(asked).toEqual([
    ['page', undefined],
    ['around', 11],
  ])
  expect(ns()).toEqual(some(1, 36).map(({ n }) => n))
  expect(talk.get()).toMatchObject({ newer: 'rest', readN: 10, unread: 156 })
  // It goes on from there to the end.
  arounds = async () => page(some(12, 166), marks)
  await talk.newer()
  expect(talk.get().newer).toBe('none')
})

it('opens with the newest page where that has all that is unread', async () => {
  // Those between are one's own: 50 messages, one of theirs.
  const last = [...some(117, 165).map((m) => ({ ...m, mine: true })), message(166)]
  pages = async () => page(last, { next: 'c1', read_n: 10, unread: 1 })
  await open()
  expect(asked).toEqual([['page', undefined]])
  expect(ns().at(-1)).toBe(166)
})

it('begins another window where what was kept showed the end', async () => {
  const marks = { seq: 166, read_n: 10, unread: 156 }
  pages = async () => page(some(117, 166), { next: 'c1', ...marks })
  arounds = async () => page(some(1, 36), { newer: true, ...marks })
  talk.update((known) => ({ ...known, messages: some(1, 10), readN: 10 }))
  await open()
  expect(talk.get().window).toBe(1)
  expect(ns().at(-1)).toBe(36)
})

it('reads what did not come once the network is back', async () => {
  pages = async (before) => {
    if (before) throw refused('offline', 0)
    return page([message(2), message(3)], { next: 'c1' })
  }
  await open()
  await talk.older()
  expect(talk.get().older).toBe('failed')
  pages = async () => page([message(1)])
  network(false)
  await tick()
  expect(talk.get().older).toBe('failed')
  network(true)
  await tick()
  expect(ns()).toEqual([1, 2, 3])
})
