import { describe, expect, it } from 'vitest'
import type { Member, Room } from '../api/types'
import { applyEvent, type RoomEvent } from './room'

const person = (id: string) => ({ id, name: id, resident: false, verified: false })
const member = (id: string, more: Partial<Member> = {}): Member => ({
  person: person(id),
  role: 'listener',
  muted: true,
  can_speak: true,
  present: true,
  ...more,
})

const room: Room = {
  id: 'r',
  title: 'Night owls',
  category: 'talk',
  language: 'en',
  seq: 7,
  created_at: 1,
  host: person('host'),
  shape: 'lounge',
  hands: 'open',
  chat: 'on',
  access: 'open',
  audience: true,
  locked: [],
  seats: 10,
  listeners: 1,
  members: [member('host', { role: 'host', seat: 1 }), member('ada')],
  you: member('ada'),
}

const said = (seq: number, m: Member, cause: 'joined' | 'left' | 'sat'): RoomEvent => ({
  type: 'member',
  seq,
  at: 100,
  cause,
  member: m,
})

describe('one event onto one snapshot', () => {
  it('applies the one that follows', () => {
    const applied = applyEvent(room, said(8, member('bo'), 'joined'), 'ada')
    expect(applied).toMatchObject({ seq: 8 })
    if (applied !== 'gap') expect(applied.members).toHaveLength(3)
    expect(room.members).toHaveLength(2)
  })

  it('ignores what the snapshot already holds', () => {
    expect(applyEvent(room, said(7, member('bo'), 'joined'), 'ada')).toBe(room)
  })

  it('does not count somebody out who was not in, where all who listen are listed', () => {
    const gone = { ...member('bo'), present: false }
    expect(applyEvent(room, said(8, gone, 'left'), 'ada')).toMatchObject({ listeners: 1 })
    const full = { ...room, listeners: 300 }
    expect(applyEvent(full, said(8, gone, 'left'), 'ada')).toMatchObject({ listeners: 299 })
  })

  it('sees that something is missing', () => {
    expect(applyEvent(room, said(9, member('bo'), 'joined'), 'ada')).toBe('gap')
  })

  it('changes `you` with the member who is you, and nobody else', () => {
    const seated = member('ada', { role: 'speaker', seat: 3 })
    const applied = applyEvent(room, said(8, seated, 'sat'), 'ada')
    expect(applied).toMatchObject({ you: { seat: 3 } })
    expect(applyEvent(room, said(8, seated, 'sat'), 'bo')).toMatchObject({
      you: { role: 'listener' },
    })
  })

  it('no longer lists who left, but still knows that it was you', () => {
    const gone = member('ada', { present: false })
    const applied = applyEvent(room, said(8, gone, 'left'), 'ada')
    if (applied === 'gap') throw new Error('not applied')
    expect(applied.members.map((m) => m.person.id)).toEqual(['host'])
    expect(applied.you?.present).toBe(false)
  })

  it('counts those who listen, also the ones it does not list', () => {
    const crowd = { ...room, listeners: 300 }
    const count = (m: Member, cause: 'joined' | 'left' | 'sat') => {
      const applied = applyEvent(crowd, said(8, m, cause), 'me')
      return applied === 'gap' ? undefined : applied.listeners
    }
    expect(count(member('new'), 'joined')).toBe(301)
    expect(count(member('unlisted', { present: false }), 'left')).toBe(299)
    expect(count(member('unlisted', { seat: 4, role: 'speaker' }), 'sat')).toBe(299)
    expect(count(member('ada', { seat: 4, role: 'speaker' }), 'sat')).toBe(299)
    expect(count(member('host', { present: false }), 'left')).toBe(300)
    expect(count(member('host', { role: 'host', seat: 1, muted: true }), 'joined')).toBe(300)
  })

  it('ends', () => {
    const applied = applyEvent(room, { type: 'ended', seq: 8, at: 100, reason: 'host' }, 'ada')
    expect(applied).toMatchObject({ ended_at: 100, end_reason: 'host' })
  })
})
