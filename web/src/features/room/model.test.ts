import { describe, expect, it } from 'vitest'
import type { Member, Room } from '../../api'
import { browserOf } from '../../ui'
import { inRows, stageOf } from './model'

function member(id: string, more: Partial<Member> = {}): Member {
  return {
    person: { id, name: id, resident: false, verified: false },
    role: 'listener',
    muted: true,
    can_speak: true,
    present: true,
    ...more,
  }
}

function room(members: Member[], listeners = 0): Room {
  return {
    id: 'r',
    title: 'r',
    category: 'talk',
    language: 'en',
    seq: 1,
    created_at: 0,
    host: { id: 'host', name: 'host', resident: false, verified: false },
    shape: 'lounge',
    hands: 'open',
    chat: 'on',
    access: 'open',
    audience: true,
    locked: [],
    seats: 10,
    listeners,
    members,
  }
}

describe('the stage', () => {
  it('sets the host apart and shows every other seat by number', () => {
    const stage = stageOf(
      room([member('host', { role: 'host', seat: 1 }), member('a', { role: 'speaker', seat: 3 })]),
    )
    expect(stage.host?.person.id).toBe('host')
    expect(stage.seats.map((s) => s.number)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(stage.seats[1]?.member?.person.id).toBe('a')
  })

  it('lets a host who stands listen with the others', () => {
    const stage = stageOf(room([member('host', { role: 'host' })], 1))
    expect(stage.host).toBeUndefined()
    expect(stage.seats).toHaveLength(10)
    expect(stage.audience.map((m) => m.person.id)).toEqual(['host'])
  })

  it('counts the listeners nobody named, and forgets those who left', () => {
    const stage = stageOf(room([member('a'), member('gone', { present: false })], 40))
    expect(stage.audience).toHaveLength(1)
    expect(stage.unnamed).toBe(39)
  })
})

it.each([
  [10, [4, 3, 3]],
  [9, [3, 3, 3]],
  [7, [4, 3]],
  [5, [3, 2]],
  [3, [3]],
  [0, []],
])('arranges %i seats as %j', (count, rows) => {
  expect(inRows(Array.from({ length: count })).map((row) => row.length)).toEqual(rows)
})

it.each([
  ['ios', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 5],
  ['ios', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15', 5],
  ['safari', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15', 0],
  ['android', 'Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36', 5],
  ['chrome', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36', 0],
  ['firefox', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 0],
] as const)('knows %s by what it calls itself', (browser, agent, touch) => {
  expect(browserOf(agent, touch)).toBe(browser)
})
