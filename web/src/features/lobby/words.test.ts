import { expect, it } from 'vitest'
import type { Card } from '../../api'
import { heroOf, nowFor, partOfDay, peopleIn } from './words'

function card(id: string, more: Partial<Card> = {}): Card {
  return {
    id,
    title: id,
    category: 'talk',
    language: 'en',
    seq: 1,
    created_at: 0,
    host: { id: 'h', name: 'h', resident: false, verified: false },
    shape: 'lounge',
    access: 'open',
    seats: 10,
    speakers: [],
    listeners: 0,
    ...more,
  }
}

const nobody = { following: new Set<string>(), friends: new Set<string>() }

it('greets by the hour', () => {
  expect([3, 5, 11, 12, 17, 18, 22, 23].map(partOfDay)).toEqual([
    'night',
    'morning',
    'morning',
    'afternoon',
    'afternoon',
    'evening',
    'evening',
    'night',
  ])
})

it('sends people to what they like in a language they speak, else to the liveliest', () => {
  const cards = [
    card('lively', { language: 'zh' }),
    card('mine'),
    card('loved', { category: 'karaoke' }),
  ]
  const me = { language: 'en' as const, interests: ['singing'] }
  expect(nowFor(cards, me, nobody)?.id).toBe('loved')
  expect(nowFor(cards, { ...me, interests: [] }, nobody)?.id).toBe('mine')
  expect(nowFor(cards, { language: 'it', interests: ['singing'] }, nobody)?.id).toBe('lively')
  expect(nowFor([], me, nobody)).toBeUndefined()
})

it('sends people first to whom they know, if those are on the stage', () => {
  const cards = [
    card('lively'),
    card('loved', { category: 'karaoke' }),
    card('hers', { speakers: [{ id: 'nora', name: 'Nora', resident: false, verified: false }] }),
  ]
  const me = { language: 'en' as const, interests: ['singing'] }
  expect(nowFor(cards, me, { ...nobody, following: new Set(['nora']) })?.id).toBe('hers')
  expect(nowFor(cards, me, { ...nobody, friends: new Set(['nora']) })?.id).toBe('hers')
  // The host of a room who is not on its stage is not told of.
  expect(nowFor(cards, me, { ...nobody, following: new Set(['h']) })?.id).toBe('loved')
})

it('counts who speaks and who listens', () => {
  const person = { id: 'p', name: 'p', resident: false, verified: false }
  expect(peopleIn([card('a', { speakers: [person], listeners: 4 }), card('b')])).toBe(5)
})

it('keeps the room in the light while a better one comes', () => {
  const me = { interests: ['karaoke'], language: 'en' as const }
  const quiet = card('quiet')
  const sung = card('sung', { category: 'karaoke' })
  expect(heroOf([quiet], me, undefined, nobody)).toBe(quiet)
  expect(heroOf([sung, quiet], me, 'quiet', nobody)).toBe(quiet)
  expect(heroOf([sung], me, 'quiet', nobody)).toBe(sung)
  expect(heroOf([sung, quiet], me, undefined, nobody)).toBe(sung)
})
