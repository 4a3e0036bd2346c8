import { beforeEach, expect, it } from 'vitest'
import { type Message, Problem } from '../api'
import { message } from '../testing/messages'
import type { Keeper, Kept } from './keeper'
import { type DraftGone, OutgoingQueue } from './outgoing'
import { outgoingTo, type Sound } from './queue'

const tick = () => new Promise<void>((done) => setTimeout(done, 0))
const problem = (code: string, status: number) => new Problem({ code, status, detail: '' })

let sent: { person: string; id: string; text: string; reply?: number; voice?: Sound }[]
let answers: (() => Promise<Message>)[]
let timers: { fn: () => void; ms: number }[]
let network: (there: boolean) => void
let kept: Map<string, Kept>
let queue: OutgoingQueue
let tabs: ((said: DraftGone) => void)[]

const keeper: Keeper = {
  load: async (account) => [...kept.values()].filter((one) => one.account === account),
  async put(one) {
    kept.set(`${one.person}/${one.outgoing?.id ?? ''}`, one)
  },
  async drop({ person, id }) {
    kept.delete(`${person}/${id ?? ''}`)
  },
  async clear() {
    kept.clear()
  },
}

function make(): OutgoingQueue {
  let ids = 0
  let self: (said: DraftGone) => void
  return new OutgoingQueue({
    keeper,
    id: () => `id-${++ids}`,
    now: () => 7,
    send(person, id, body, voice) {
      sent.push({ person, id, ...body, ...(voice ? { voice } : {}) })
      const next = answers.shift()
      return next ? next() : Promise.resolve(message(1, { id, mine: true }))
    },
    later(fn, ms) {
      const timer = { fn, ms }
      timers.push(timer)
      return () => {
        timers = timers.filter((one) => one !== timer)
      }
    },
    onNetwork(fn) {
      network = fn
      return () => {}
    },
    tabs: {
      tell(said) {
        for (const tab of tabs) if (tab !== self) tab(said)
      },
      hear(fn) {
        self = fn
        tabs.push(fn)
      },
    },
  })
}

beforeEach(async () => {
  sent = []
  answers = []
  timers = []
  kept = new Map()
  tabs = []
  queue = make()
  await queue.load('me')
})

const states = (person = 'ada') =>
  outgoingTo(queue.get(), person).map(({ text, state }) => `${text}: ${state}`)
const lost = () => Promise.reject(problem('offline', 0))

it('shows a message at once, and lets it go when it has arrived', async () => {
  const arrived: string[] = []
  queue.onArrival((person, m) => arrived.push(`${person} ${m.id}`))
  queue.send('ada', { text: 'hello' })
  expect(states()).toEqual(['hello: sending'])
  expect(kept.size).toBe(1)
  await tick()
  expect(states()).toEqual([])
  expect(kept.size).toBe(0)
  expect(arrived).toEqual(['ada id-1'])
})

it('sends one after another in each chat', async () => {
  let done: (m: Message) => void = () => {}
  answers = [
    () =>
      new Promise((resolve) => {
        done = resolve
      }),
  ]
  queue.send('ada', { text: 'one' })
  queue.send('ada', { text: 'two', reply: { n: 4, mine: false, text: 'what' } })
  queue.send('bo', { text: 'other' })
  await tick()
  expect(sent.map(({ text }) => text)).toEqual(['one', 'other'])
  done(message(1))
  await tick()
  expect(sent.at(-1)).toEqual({ person: 'ada', id: 'id-2', text: 'two', reply: 4 })
})

it('tries again with growing pauses, with the same id', async () => {
  answers = [lost, lost]
  queue.send('ada', { text: 'hello' })
  await tick()
  expect(states()).toEqual(['hello: waiting'])
  expect(timers[0]?.ms).toBe(1000)
  timers.shift()?.fn()
  await tick()
  expect(timers[0]?.ms).toBe(2000)
  timers.shift()?.fn()
  await tick()
  expect(states()).toEqual([])
  expect(sent.map(({ id }) => id)).toEqual(['id-1', 'id-1', 'id-1'])
})

it('tries at once when the network is back', async () => {
  answers = [lost]
  queue.send('ada', { text: 'hello' })
  await tick()
  network(true)
  await tick()
  expect(states()).toEqual([])
  expect(timers).toEqual([])
})

it('asks again with the same id where the answer to a stored message is gone', async () => {
  answers = [() => Promise.reject(problem('command.applied', 409))]
  queue.send('ada', { text: 'hello' })
  await tick()
  expect(states()).toEqual(['hello: waiting'])
})

it('keeps what was refused for its writer, and sends what follows', async () => {
  answers = [() => Promise.reject(problem('message.characters', 422))]
  queue.send('ada', { text: 'bad' })
  queue.send('ada', { text: 'good' })
  await tick()
  expect(states()).toEqual(['bad: failed'])
  expect(sent).toHaveLength(2)
  queue.retry('ada', 'id-1')
  expect(states()).toEqual(['bad: sending'])
  await tick()
  expect(states()).toEqual([])
})

it('gives a refused message back, or discards it', async () => {
  const no = () => Promise.reject(problem('message.greeting', 422))
  answers = [no, no]
  queue.send('ada', { text: 'hi' })
  await tick()
  expect(queue.takeBack('ada', 'id-1')?.text).toBe('hi')
  queue.send('ada', { text: 'hey' })
  await tick()
  queue.discard('ada', 'id-2')
  expect(states()).toEqual([])
  expect(kept.size).toBe(0)
})

it('gives a message an id of its own where another has it', async () => {
  answers = [() => Promise.reject(problem('message.id_used', 409))]
  queue.send('ada', { text: 'hello' })
  await tick()
  queue.retry('ada', 'id-1')
  await tick()
  expect(sent.map(({ id }) => id)).toEqual(['id-1', 'id-2'])
})

it('survives a reload with its drafts', async () => {
  answers = [lost]
  queue.send('ada', { text: 'hello' })
  queue.draft('bo', { text: 'dear' })
  await tick()
  queue = make()
  await queue.load('me')
  expect(queue.get().drafts.get('bo')?.text).toBe('dear')
  await tick()
  expect(sent.at(-1)).toMatchObject({ id: 'id-1', text: 'hello' })
  expect(states()).toEqual([])
})

it('keeps what was written when a session ends by itself', async () => {
  answers = [() => Promise.reject(problem('session.none', 401))]
  queue.send('ada', { text: 'hello' })
  await tick()
  expect(timers).toEqual([])
  queue.leave()
  expect(states()).toEqual([])
  expect(kept.size).toBe(1)
})

it('keeps nothing of whoever has signed out', async () => {
  answers = [lost]
  queue.send('ada', { text: 'hello' })
  await tick()
  queue.clear()
  expect(states()).toEqual([])
  expect(kept.size).toBe(0)
})

it('takes nothing back into the queue that was forgotten while it was on its way', async () => {
  let refuse: (problem: Problem) => void = () => {}
  answers = [
    () =>
      new Promise((_, no) => {
        refuse = no
      }),
  ]
  queue.send('ada', { text: 'hello' })
  await tick()
  queue.forget('ada')
  refuse(problem('chat.none', 404))
  await tick()
  expect(states()).toEqual([])
  expect(kept.size).toBe(0)
})

it('forgets whoever is no match any more', async () => {
  answers = [lost]
  queue.send('ada', { text: 'hello' })
  queue.draft('ada', { text: 'and' })
  await tick()
  queue.forget('ada')
  expect(states()).toEqual([])
  expect(queue.get().drafts.size).toBe(0)
  expect(kept.size).toBe(0)
})

const sound: Sound = { bytes: new ArrayBuffer(8), type: 'audio/ogg', ms: 3000, peaks: [] }

it('sends a recording under one id, also from the next page', async () => {
  answers = [lost]
  queue.send('ada', { text: '', voice: sound })
  await tick()
  expect(states()).toEqual([': waiting'])
  const [first] = sent
  const next = make()
  await next.load('me')
  await tick()
  expect(sent.at(-1)).toEqual({ person: 'ada', id: first?.id, text: '', voice: sound })
  expect(kept.size).toBe(0)
})

it('keeps what was said and not sent as a draft', async () => {
  queue.draft('ada', { text: '', voice: sound })
  const next = make()
  await next.load('me')
  expect(next.get().drafts.get('ada')?.voice).toEqual(sound)
  next.draft('ada', { text: '' })
  expect(kept.size).toBe(0)
})

it('takes a draft away in every tab once it was sent or cleared in one', async () => {
  queue.draft('ada', { text: 'hello' })
  queue.draft('bo', { text: '', voice: sound })
  queue.draft('cy', { text: 'dear' })
  const other = make()
  await other.load('me')
  expect([...other.get().drafts.keys()]).toEqual(['ada', 'bo', 'cy'])
  // Taken up there, written on and sent there; cleared there; encoded and sent here.
  other.draft('cy', { text: 'dear' })
  other.draft('cy', undefined)
  queue.draft('ada', { text: 'hello you' })
  queue.draft('ada', undefined)
  queue.draft('bo', { text: '', voice: { ...sound, bytes: new ArrayBuffer(2) } })
  queue.draft('bo', undefined)
  await tick()
  expect([...other.get().drafts.keys()]).toEqual([])
  expect([...queue.get().drafts.keys()]).toEqual([])
  expect(kept.size).toBe(0)
})

it('keeps what was written in another tab, also for the next page', async () => {
  const other = make()
  await other.load('me')
  queue.draft('ada', { text: 'hello' })
  other.draft('ada', { text: 'good evening' })
  queue.draft('ada', undefined)
  await tick()
  expect(other.get().drafts.get('ada')?.text).toBe('good evening')
  const next = make()
  await next.load('me')
  expect(next.get().drafts.get('ada')?.text).toBe('good evening')
})

it('hears nothing of another account', async () => {
  queue.draft('ada', { text: 'hello' })
  for (const tab of tabs) tab({ account: 'else', person: 'ada', mark: '' })
  expect(queue.get().drafts.get('ada')?.text).toBe('hello')
})
