import { beforeEach, expect, it } from 'vitest'
import type { Chat } from '../api'
import { chat, message } from '../testing/messages'
import { Chats } from './chats'
import type { OwnListener } from './connection'

const tick = () => new Promise<void>((done) => setTimeout(done, 0))

let reads: ((chats: Chat[]) => void)[]
let own: OwnListener
let timers: (() => void)[]
let chats: Chats

beforeEach(async () => {
  reads = []
  timers = []
  chats = new Chats({
    read: () => new Promise((answer) => reads.push(answer)),
    listen(owner) {
      own = owner as OwnListener
      return () => {}
    },
    later(fn) {
      timers.push(fn)
      return () => {}
    },
    onNetwork: () => () => {},
  })
  chats.start()
  await arrive(
    chat('ada', { at: 10, seq: 3, last: message(3, { at: 10 }), unread: 2, read_n: 1 }),
    chat('bo', { at: 20, unread: 1 }),
  )
})

const arrive = async (...all: Chat[]) => {
  reads.at(-1)?.(all)
  await tick()
}
const ids = () => chats.get().chats.map(({ person }) => person.id)
const of = (id: string) => chats.get().chats.find(({ person }) => person.id === id)

it('lists by last activity, and sums up what is unread', () => {
  expect(ids()).toEqual(['bo', 'ada'])
  expect(chats.get().unread).toBe(3)
})

it('moves a chat up with its new message', () => {
  const next = message(4, { at: 30 })
  own.event({ type: 'message', person_id: 'ada', seq: 4, message: next, unread: 3 })
  expect(ids()).toEqual(['ada', 'bo'])
  expect(of('ada')).toMatchObject({ last: next, unread: 3 })
  expect(chats.get().unread).toBe(4)
})

it('shows a change of the last message where it stands, and ignores one before', () => {
  const edited = message(3, { text: 'better', edited: true, seq: 4 })
  own.event({ type: 'message', person_id: 'ada', seq: 4, message: edited, unread: 2 })
  const older = message(1, { deleted: true, text: '', seq: 5 })
  own.event({ type: 'message', person_id: 'ada', seq: 5, message: older, unread: 1 })
  expect(ids()).toEqual(['bo', 'ada'])
  expect(of('ada')).toMatchObject({ seq: 5, unread: 1, last: { text: 'better' } })
})

it('knows what was read, here and by them', () => {
  chats.read('ada', 3, 0)
  own.event({ type: 'read', person_id: 'ada', mine: false, n: 2, unread: 2 })
  expect(of('ada')).toMatchObject({ read_n: 3, unread: 0, their_read_n: 2 })
  expect(chats.get().unread).toBe(1)
})

it('keeps what is newer than an answer', async () => {
  own.missed()
  own.event({ type: 'message', person_id: 'ada', seq: 4, message: message(4), unread: 3 })
  await arrive(chat('ada', { seq: 3, last: message(3), unread: 2 }))
  expect(of('ada')?.last?.n).toBe(4)
})

it('reads again for a new match, and for a chat it does not know', async () => {
  own.event({ type: 'matched', person: chat('cy').person })
  expect(reads).toHaveLength(2)
  await arrive(chat('cy'))
  own.event({ type: 'message', person_id: 'di', seq: 1, message: message(1), unread: 1 })
  expect(reads).toHaveLength(3)
})

it('lets a chat go that has ended, for good', async () => {
  own.event({ type: 'match_ended', person_id: 'bo' })
  own.missed()
  await arrive(chat('ada'), chat('bo'))
  expect(ids()).toEqual(['ada'])
})

it('shows who is writing, until it comes or for a while', () => {
  own.event({ type: 'typing', person_id: 'ada' })
  own.event({ type: 'typing', person_id: 'bo' })
  own.event({ type: 'message', person_id: 'ada', seq: 4, message: message(4), unread: 3 })
  expect([...chats.get().typing]).toEqual(['bo'])
  timers[1]?.()
  expect(chats.get().typing.size).toBe(0)
})
