import { expect, it } from 'vitest'
import { cards, giulia, kofi, luca, nora, tom } from '../../scripts/screens/people'
import type { Card, Person } from '../api'
import { yourPeople, yoursIn } from './yours'

const yours = (following: Person[], friends: Person[] = []) => ({
  following: new Set(following.map(({ id }) => id)),
  friends: new Set(friends.map(({ id }) => id)),
})
const names = (all: readonly { person: Person; card: Card }[]) =>
  all.map(({ person, card }) => `${person.name} ${card.id}`)

it('finds whom one knows on the stages, each once, friends first', () => {
  expect(names(yourPeople(cards, yours([nora, luca, kofi], [giulia])))).toEqual([
    'Giulia r-talk',
    'Nora r-karaoke',
    'Luca Bianchi r-karaoke', // who is on two stages
    'Kofi r-sport',
  ])
  expect(yourPeople(cards, yours([]))).toEqual([])
})

it('tells nobody who listens, or keeps a room open without being on its stage', () => {
  const [room] = cards
  if (!room) throw new Error('no room')
  const quiet = { ...room, speakers: [], host: tom, listeners: 3 }
  expect(yoursIn(quiet, yours([tom], [nora]))).toEqual([])
})
