import { describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { applyCard, applyList, noCards } from './cards'

const card = (id: string, seq: number, listeners = 0): Card => ({
  id,
  title: id,
  category: 'talk',
  language: 'en',
  seq,
  created_at: 1,
  host: { id: 'h', name: 'h', resident: false, verified: false },
  shape: 'lounge',
  access: 'open',
  seats: 10,
  speakers: [],
  listeners,
})
const ids = (c: { cards: readonly Card[] }) => c.cards.map((x) => x.id)
const start = applyList(noCards, [card('a', 3), card('b', 3)])

describe('the lobby', () => {
  it('changes a card in its place', () => {
    const next = applyCard(start, { type: 'card', card: card('b', 4, 9) })
    expect(ids(next)).toEqual(['a', 'b'])
    expect(next.cards[1]?.listeners).toBe(9)
  })

  it('shows a new room first', () => {
    expect(ids(applyCard(start, { type: 'card', card: card('c', 1) }))).toEqual(['c', 'a', 'b'])
  })

  it('ignores an older or equal card', () => {
    expect(applyCard(start, { type: 'card', card: card('a', 3, 9) })).toBe(start)
    expect(applyCard(start, { type: 'card', card: card('a', 2, 9) })).toBe(start)
  })

  it('does not bring a room back that is gone, neither by a late card nor by an older list', () => {
    const ended = applyCard(start, { type: 'gone', room_id: 'a', seq: 5 })
    expect(ids(ended)).toEqual(['b'])
    expect(ids(applyCard(ended, { type: 'card', card: card('a', 4) }))).toEqual(['b'])
    expect(ids(applyList(ended, [card('a', 4), card('b', 3)]))).toEqual(['b'])
  })

  it('brings a room back that is open to this person again', () => {
    const gone = applyCard(start, { type: 'gone', room_id: 'a', seq: 3 })
    expect(ids(gone)).toEqual(['b'])
    expect(ids(applyCard(gone, { type: 'card', card: card('a', 3) }))).toEqual(['a', 'b'])
    expect(ids(applyList(gone, [card('a', 4), card('b', 3)]))).toEqual(['a', 'b'])
  })

  it('takes the order of the list, but keeps what is newer', () => {
    const known = applyCard(start, { type: 'card', card: card('a', 6, 9) })
    const next = applyList(known, [card('b', 4), card('a', 5)])
    expect(ids(next)).toEqual(['b', 'a'])
    expect(next.cards[1]?.listeners).toBe(9)
  })
})
