import { expect, it } from 'vitest'
import { people } from '../../testing/page'
import { mentionAt, namesFor } from './mentions'

const named = (word: string) =>
  namesFor(word, people.room(people.listening).members, 'p-me').map((m) => m.person.name)

it('finds the name that is being typed, and nothing in an address', () => {
  expect(mentionAt('Hi @no', 6)).toEqual({ at: 3, word: 'no' })
  expect(mentionAt('你好@陈', 4)).toEqual({ at: 2, word: '陈' })
  expect(mentionAt('@', 1)).toEqual({ at: 0, word: '' })
  expect(mentionAt('mail me@example.org', 12)).toBeUndefined()
  expect(mentionAt('Hi @no\nwhat', 11)).toBeUndefined()
  expect(mentionAt('Hi @no', 2)).toBeUndefined()
})

it('offers who is in the room, whatever accents they have, and never oneself', () => {
  expect(named('nor')).toEqual(['Nora'])
  expect(named('INES')).toEqual(['Inès'])
  expect(named('陈')).toEqual(['陈思远'])
  expect(named('Mara')).toEqual([])
  expect(named('').length).toBeLessThanOrEqual(5)
})

it('offers nothing more once a name stands there', () => {
  expect(named('Nora ')).toEqual([])
  expect(named('Nora are you')).toEqual([])
})
