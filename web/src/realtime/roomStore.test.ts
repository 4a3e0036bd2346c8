import { beforeEach, describe, expect, it } from 'vitest'
import type { Member, Room } from '../api/types'
import type { Listener } from './connection'
import { LiveStore } from './liveStore'
import { type RoomEvent, type RoomFields, roomReducer } from './room'

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
  seats: 10,
  listeners: ids.length,
  members: ids.map(member),
})
const joined = (seq: number, id: string): RoomEvent => ({
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
  let store: LiveStore<RoomFields, RoomEvent, Room>
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
