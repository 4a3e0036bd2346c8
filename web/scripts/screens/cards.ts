import type { ContactCard, Person } from '../../src/api'
import * as people from './people'
import type { Scene } from './spec'

const at = Date.UTC(2026, 2, 6, 18, 40)

const offer = (person: Person, place?: string) => ({
  person,
  at,
  until: at + 86_400_000,
  ...(place && { place }),
})

const all: ContactCard[] = [
  {
    person: people.nora,
    place: 'Go in production, and what it cost us',
    at,
    work: {
      role: 'Staff engineer',
      company: 'Lighthouse Audio',
      links: ['https://nora.example/talks'],
      open_to: ['speaking', 'mentoring'],
    },
  },
  { person: people.long, place: people.long.name.repeat(2), at: at - 3 * 86_400_000 },
  {
    person: people.wei,
    at: at - 40 * 86_400_000,
    work: { role: '产品经理', company: '', links: [], open_to: ['collaborating'] },
  },
  {
    person: people.word,
    at: at - 90 * 86_400_000,
    work: {
      role: people.word.name,
      company: people.word.name.repeat(2),
      links: [`https://example.org/${people.word.name}`],
      open_to: [],
    },
  },
]

const none = { received: [], given: [] }
const scene = (cards: object | 'lost' | 'never', offers: object = none): Scene => ({
  path: '/me/cards',
  api: { '/api/me/cards': cards, '/api/me/card-offers': offers },
})

export const cardScenes: Record<string, Scene> = {
  cards: scene(
    { cards: all, next: 'more' },
    {
      received: [offer(people.amira, 'Go in production, and what it cost us'), offer(people.neu)],
      given: [offer(people.kofi, 'Coffee before work')],
    },
  ),
  'cards-none': scene({ cards: [] }),
  'cards-wait': scene('never'),
  'cards-lost': scene('lost'),
}
