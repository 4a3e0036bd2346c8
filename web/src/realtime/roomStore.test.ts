import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../api/problem'
import type { Member, MemberEvent, Room, RoomChanges } from '../api/types'
import type { Listener } from './connection'
import { LiveStore } from './liveStore'
import { type RoomAnswer, type RoomEvent, type RoomFields, readRoom, roomReducer } from './room'

const person = (id: string) => ({ id, name: id, resident: false, verified: false })
const member = (id: string): Member => ({
  person: person(id),
  role: 'listener',
  muted: true,
  can_speak: true,
  present: true,
})
const snapshot = (seq: number, ...ids: string[]): Room => ({
  id: 'r',
  title: 'Night owls',
  category: 'talk',
  language: 'en',
  seq,
  created_at: 1,
  host: person('host'),
  shape: 'lounge',
  hands: 'open',
  chat: 'on',
  access: 'open',
  audience: true,
  locked: [],
  seats: 10,
  listeners: ids.length,
  members: ids.map(member),
})
const joined = (seq: number, id: string): MemberEvent => ({
  type: 'member',
  seq,
  at: seq,
  cause: 'joined',
  member: member(id),
})
const tick = () => new Promise<void>((done) => setTimeout(done, 0))

describe('a room kept true', () => {
  let reads: { answer(room: Room): void; fail(): void }[]
  let timers: { fn: () => void; ms: number }[]
  let shown: Room[]
  let store: LiveStore<RoomFields, RoomEvent, RoomAnswer>
  let channel: Listener<RoomEvent>
  let stop: () => void

  beforeEach(() => {
    reads = []
    timers = []
    shown = []
    store = new LiveStore(roomReducer(snapshot(5, 'host'), 'me'), {
      read: () =>
        new Promise((answer, reject) => {
          reads.push({ answer, fail: () => reject(new Error('lost')) })
        }),
      listen: (listener) => {
        channel = listener
        return () => {}
      },
      later: (fn, ms) => {
        const timer = { fn, ms }
        timers.push(timer)
        return () => timers.splice(timers.indexOf(timer), 1)
      },
      onNetwork: () => () => {},
      keepsState: true,
    })
    store.take(snapshot(5, 'host'))
    stop = store.start()
    store.subscribe(() => shown.push(store.get().room))
  })

  const ids = () => store.get().room.members.map((m) => m.person.id)

  it('follows events in order without asking', () => {
    channel.event(joined(6, 'ada'))
    channel.event(joined(7, 'bo'))
    expect(ids()).toEqual(['host', 'ada', 'bo'])
    expect(reads).toHaveLength(0)
  })

  it('takes a duplicate once', () => {
    channel.event(joined(6, 'ada'))
    channel.event(joined(6, 'ada'))
    expect(shown).toHaveLength(1)
    expect(reads).toHaveLength(0)
  })

  it('reads again after a gap, and loses nothing that arrived meanwhile', async () => {
    channel.event(joined(8, 'chen'))
    channel.event(joined(9, 'dov'))
    expect(reads).toHaveLength(1)
    reads[0]?.answer(snapshot(7, 'host', 'ada', 'bo'))
    await tick()
    expect(ids()).toEqual(['host', 'ada', 'bo', 'chen', 'dov'])
    expect(store.get().room.seq).toBe(9)
    expect(reads).toHaveLength(1)
  })

  it('puts events that came out of order back into it', async () => {
    channel.event(joined(7, 'bo'))
    channel.event(joined(6, 'ada'))
    reads[0]?.answer(snapshot(5, 'host'))
    await tick()
    expect(ids()).toEqual(['host', 'ada', 'bo'])
  })

  it('drops what a newer answer already holds', async () => {
    channel.event(joined(7, 'bo'))
    reads[0]?.answer(snapshot(9, 'host', 'ada', 'bo', 'chen'))
    await tick()
    expect(store.get().room.seq).toBe(9)
    expect(reads).toHaveLength(1)
  })

  it('reads once more when the answer does not reach far enough', async () => {
    channel.event(joined(9, 'dov'))
    reads[0]?.answer(snapshot(6, 'host', 'ada'))
    await tick()
    expect(reads).toHaveLength(2)
    reads[1]?.answer(snapshot(9, 'host', 'ada', 'bo', 'chen', 'dov'))
    await tick()
    expect(ids()).toHaveLength(5)
  })

  it('asked to read while reading, reads again afterwards: the first answer may be older than the wish', async () => {
    void store.refresh()
    void store.refresh()
    expect(reads).toHaveLength(1)
    reads[0]?.answer(snapshot(6, 'host', 'ada'))
    await tick()
    expect(reads).toHaveLength(2)
    reads[1]?.answer(snapshot(7, 'host'))
    await tick()
    expect(ids()).toEqual(['host'])
    expect(reads).toHaveLength(2)
  })

  it('does not go back to an older snapshot', () => {
    channel.event(joined(6, 'ada'))
    store.take(snapshot(5, 'host'))
    expect(ids()).toEqual(['host', 'ada'])
  })

  it('tries again after a failed reading, with growing pauses, keeping what arrives', async () => {
    channel.event(joined(7, 'bo'))
    reads[0]?.fail()
    await tick()
    channel.event(joined(8, 'chen'))
    expect(timers.map((t) => t.ms)).toEqual([500])
    timers[0]?.fn()
    reads[1]?.fail()
    await tick()
    expect(timers.at(-1)?.ms).toBe(1000)
    timers.at(-1)?.fn()
    reads[2]?.answer(snapshot(6, 'host', 'ada'))
    await tick()
    expect(ids()).toEqual(['host', 'ada', 'bo', 'chen'])
  })

  it('says nothing after it was closed', async () => {
    channel.event(joined(7, 'bo'))
    stop()
    shown = []
    reads[0]?.answer(snapshot(7, 'host', 'ada', 'bo'))
    await tick()
    channel.event(joined(8, 'chen'))
    expect(shown).toHaveLength(0)
  })
})

describe('a room that was away', () => {
  let asked: string[]
  let changes: (since: number) => RoomChanges
  let whole: () => Room
  let store: LiveStore<RoomFields, RoomEvent, RoomAnswer>
  let channel: Listener<RoomEvent>
  let timers: (() => void)[]

  const left = (seq: number, id: string): MemberEvent => ({
    type: 'member',
    seq,
    at: seq,
    cause: 'left',
    member: { ...member(id), present: false },
  })
  const refuse = (code: string, status: number) => () => {
    throw new Problem({ code, status, detail: '' })
  }

  beforeEach(() => {
    asked = []
    timers = []
    const server = {
      async read() {
        asked.push('room')
        return whole()
      },
      async changes(_: string, since: number) {
        asked.push(`since ${since}`)
        return changes(since)
      },
    }
    whole = refuse('broken', 500)
    changes = refuse('broken', 500)
    store = new LiveStore(roomReducer(snapshot(5, 'host'), 'me'), {
      read: (known) => readRoom(server, 'r', known),
      listen: (listener) => {
        channel = listener
        return () => {}
      },
      later: (fn) => {
        timers.push(fn)
        return () => {}
      },
      onNetwork: () => () => {},
    })
    store.take(snapshot(5, 'host', 'ada'))
    store.start()
  })
  const room = () => store.get().room
  const ids = () => room().members.map((m) => m.person.id)

  it('is told what it has missed, behind a gap', async () => {
    changes = () => ({ seq: 8, changes: [joined(6, 'bo'), left(7, 'ada'), joined(8, 'chen')] })
    channel.event(joined(8, 'chen'))
    await tick()
    expect(asked).toEqual(['since 5'])
    expect(ids()).toEqual(['host', 'bo', 'chen'])
    expect(room()).toMatchObject({ seq: 8, listeners: 3 })
    channel.event(joined(9, 'dov'))
    expect(ids()).toContain('dov')
    expect(asked).toHaveLength(1)
  })

  it('is told so after the connection was gone, and shows the end', async () => {
    changes = () => ({ seq: 6, changes: [{ type: 'ended', seq: 6, at: 9, reason: 'host' }] })
    channel.missed()
    await tick()
    expect(room()).toMatchObject({ seq: 6, ended_at: 9, end_reason: 'host' })
  })

  it('follows numbers of which it may not know what they were', async () => {
    changes = () => ({ seq: 9, changes: [joined(7, 'bo')] })
    channel.missed()
    await tick()
    expect(ids()).toEqual(['host', 'ada', 'bo'])
    expect(room().seq).toBe(9)
    channel.event(joined(10, 'chen'))
    expect(room().seq).toBe(10)
    expect(asked).toEqual(['since 5'])
  })

  it('takes each change once, whatever has arrived meanwhile', async () => {
    changes = () => ({ seq: 7, changes: [joined(6, 'bo'), joined(7, 'chen')] })
    channel.missed()
    channel.event(joined(6, 'bo'))
    channel.event(joined(7, 'chen'))
    channel.event(joined(8, 'dov'))
    await tick()
    expect(ids()).toEqual(['host', 'ada', 'bo', 'chen', 'dov'])
    expect(room()).toMatchObject({ seq: 8, listeners: 5 })
  })

  it('is read as a whole if too much has changed', async () => {
    changes = refuse('live.too_old', 410)
    whole = () => snapshot(300, 'host', 'zoe')
    channel.missed()
    await tick()
    expect(asked).toEqual(['since 5', 'room'])
    expect(ids()).toEqual(['host', 'zoe'])
    expect(store.get().status).toBe('ready')
  })

  it('asks for the changes again after a failure, not for the whole', async () => {
    channel.missed()
    await tick()
    changes = () => ({ seq: 6, changes: [joined(6, 'bo')] })
    timers[0]?.()
    await tick()
    expect(asked).toEqual(['since 5', 'since 5'])
    expect(ids()).toEqual(['host', 'ada', 'bo'])
  })

  it('is refused once, where the room is not ours any more', async () => {
    changes = refuse('room.removed', 403)
    channel.missed()
    await tick()
    expect(asked).toEqual(['since 5'])
    expect(timers).toHaveLength(0)
  })
})
