import type { Page } from 'playwright-core'
import type { Counts, Deck, DiscoverCard, Match, Person, Photo, Reason } from '../../src/api'
import { Problem } from '../../src/api'
import * as people from './people'
import type { Says, Scene } from './spec'

const wave = (seed: number) =>
  Array.from({ length: 64 }, (_, i) =>
    Math.round(
      30 +
        200 * Math.abs(Math.sin(i / 2.7 + seed) * Math.sin(i / 9 + seed * 2)) * (i < 60 ? 1 : 0.3),
    ),
  )

const clip = (id: string, place: number, prompt: string, ms: number) => ({
  place,
  prompt,
  ms,
  peaks: wave(place + id.length),
  url: `/api/clips/${id}-${place}?ticket=t`,
})

function card(
  person: Person,
  age: number,
  reasons: Reason[],
  more: Partial<Omit<DiscoverCard, 'person'>> & { person?: Partial<DiscoverCard['person']> } = {},
): DiscoverCard {
  return {
    age,
    intents: ['dating', 'friends'],
    reasons,
    region: { name: 'Milano', country: 'IT', size: 'city', where: 'same' },
    ...more,
    person: {
      ...person,
      badges: person.verified ? ['verified'] : [],
      clips: [
        clip(person.id, 0, 'best_sound', 14_000),
        clip(person.id, 1, 'perfect_sunday', 9_000),
        clip(person.id, 2, 'talk_for_hours', 21_000),
      ],
      interests: ['jazz', 'night_trains', 'hiking', 'street_food', 'film', 'coffee'],
      language: 'it',
      languages: ['it', 'en'],
      pronouns: 'she/her',
      ...more.person,
    },
  }
}

export const nora = card(people.nora, 33, [
  { kind: 'interests', keys: ['jazz', 'hiking'] },
  { kind: 'language', keys: ['it'] },
  { kind: 'voice', keys: [] },
])
export const wei = card(
  people.wei,
  29,
  [
    { kind: 'new', keys: [] },
    { kind: 'region', keys: [] },
  ],
  {
    intents: ['professional'],
    region: { name: '杭州', country: 'CN', size: 'wide', where: 'farther' },
    person: {
      badges: ['new_here'],
      pronouns: '',
      languages: ['zh', 'en'],
      language: 'zh',
      interests: ['programming', 'tea'],
      work: {
        role: 'Product designer',
        company: 'Lanterna Studio',
        links: ['https://example.org/siyuan', 'https://portfolio.example.org/long/path'],
        open_to: ['collaborating', 'mentoring', 'founding'],
      },
    },
  },
)
export const long = card(people.long, 41, [{ kind: 'intent', keys: ['friends'] }], {
  person: {
    pronouns: 'they/them',
    badges: ['new_here'],
    clips: [clip('p-long', 0, 'best_sound', 28_000)],
  },
})
export const word = card(people.word, 33, [{ kind: 'new', keys: [] }], {
  person: {
    pronouns: 'x'.repeat(24),
    work: {
      role: people.word.name,
      company: people.word.name,
      links: [`https://example.org/${people.word.name}`],
      open_to: [],
    },
  },
})
export const amira = card(people.amira, 26, [{ kind: 'interests', keys: ['karaoke'] }])
const tom = card(people.tom, 38, [{ kind: 'language', keys: ['en'] }])

const deck = (cards: DiscoverCard[], more: Partial<Deck> = {}): Deck => ({
  alert: false,
  limited: false,
  likes_left: 30,
  cards,
  ...more,
})
const counts: Counts = {
  people: 12,
  without: { meet: 31, ages: 57, intents: 12, languages: 12, interests: 12, verified_only: 12 },
  relax: 'ages',
}
const thin: Counts = { ...counts, people: 3, without: { ...counts.without, ages: 17 } }

export const pressing =
  (...keys: string[]) =>
  async (page: Page, says: Says) => {
    for (const key of keys) {
      const [name = ''] = says(key).split('{')
      await page.getByRole('button', { name: name.trim() }).first().click()
      await page.waitForTimeout(250)
    }
  }

const meeting = (cards: DiscoverCard[], more?: Partial<Deck>): Scene => ({
  path: '/discover',
  api: {
    '/api/discover': deck(cards, more),
    '/api/discover/counts': counts,
    '/api/matches': { matches: [] },
  },
})

export const at = Date.UTC(2026, 1, 27, 20)
export const match = (
  of: DiscoverCard,
  days: number,
  reveal: Partial<Match['reveal']> = {},
): Match => ({
  age: of.age,
  at: at - days * 86_400_000,
  intents: of.intents,
  person: of.person,
  region: of.region,
  reveal: { mine: false, theirs: false, photos: [], ...reveal },
})
const photo = (id: string, width: number, height: number, blurhash: string): Photo => ({
  id,
  width,
  height,
  blurhash,
  url: `/api/photos/${id}`,
})
export const photos = [
  photo('a', 900, 1200, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'),
  photo('b', 1200, 900, 'LGF5]+Yk^6#M@-5c,1J5@[or[Q6.'),
]
export const all = [
  match(nora, 0),
  match(wei, 3, { theirs: true }),
  match(long, 9, { mine: true }),
  match(amira, 30, { mine: true, theirs: true, opened_at: at, photos }),
]

/** Discover, its radio, its filters and its ends; matches and what comes of them. */
export const meetings: Record<string, Scene> = {
  discover: meeting([nora, wei, long, amira, tom]),
  'discover-playing': {
    ...meeting([nora, wei], { likes_left: 4 }),
    clip: { progress: 0.43, level: 0.7 },
    act: pressing('people.play'),
    calm: true,
  },
  'discover-below': {
    ...meeting([wei, nora]),
    act: async (page) => {
      await page.mouse.wheel(0, 900)
    },
  },
  'discover-word': meeting([word, nora]),
  'discover-long': meeting([long, nora], { likes_left: 0, thin }),
  'discover-swipe': {
    ...meeting([amira, nora]),
    act: async (page) => {
      await page.mouse.move(200, 180)
      await page.mouse.down()
      await page.mouse.move(230, 182, { steps: 3 })
      await page.mouse.move(310, 182, { steps: 5 })
    },
  },
  'discover-passed': { ...meeting([nora, wei]), act: pressing('discover.pass') },
  'discover-radio': {
    ...meeting([amira, wei]),
    clip: { progress: 0.2, level: 0.8 },
    act: pressing('discover.radio.start'),
  },
  'discover-spent': {
    ...meeting([nora, wei]),
    clip: {
      problem: new Problem({ code: 'clips.spent', status: 429, detail: '' }),
    },
    act: pressing('people.play'),
  },
  'discover-filters': { ...meeting([nora]), act: pressing('discover.filters.open') },
  'discover-report': {
    ...meeting([nora]),
    act: async (page, says) => {
      await pressing('people.safety.open', 'people.safety.report')(page, says)
    },
  },
  'discover-safety': { ...meeting([nora]), act: pressing('people.safety.open') },
  'discover-nobody': meeting([], { thin }),
  'discover-nobody-alert': meeting([], { thin: { people: 0, without: {} }, alert: true }),
  'discover-closed': {
    path: '/discover',
    me: { ...people.me, needs: ['languages', 'home', 'intro'], shown: false },
    api: { '/api/discover': { problem: 409, code: 'discover.incomplete' } },
  },
  'discover-limited': {
    path: '/discover',
    me: { ...people.me, chat_limit: 5 },
    api: { '/api/discover': deck([], { limited: true }) },
  },
  'discover-paused': {
    path: '/discover',
    me: { ...people.me, paused: true },
    api: { '/api/discover': { problem: 409, code: 'discover.paused' } },
  },
  'discover-error': { path: '/discover', api: { '/api/discover': 500 } },
  'discover-loading': { path: '/discover', api: { '/api/discover': 'never' } },
  match: {
    ...meeting([nora, wei]),
    api: {
      ...meeting([nora, wei]).api,
      '/api/discover/p-nora': { likes_left: 29, match: match(nora, 0) },
    },
    act: async (page, says) => {
      await pressing('discover.like')(page, says)
      await page.waitForTimeout(1500)
    },
    calm: true,
  },
  'lobby-unseen': { path: '/', api: { '/api/matches': { matches: all } } },
}
