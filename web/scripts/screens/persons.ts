import type { Page } from 'playwright-core'
import type { Me } from '../../src/api'
import * as people from './people'
import type { Scene } from './spec'

const begun: Me = {
  ...people.me,
  onboarded: false,
  gender: '',
  pronouns: '',
  languages: ['en'],
  intents: [],
  interests: [],
  clips: [],
  voice: undefined,
  home: { moves_left: 4 },
  shown: false,
  preferences: { ...people.me.preferences, meet: [], from: 18, to: 120 },
  needs: ['gender', 'meet', 'intents', 'interests', 'home', 'intro'],
}

const self = { gender: 'woman', pronouns: 'she/her' } as const
const preferences = { ...begun.preferences, meet: ['man'], from: 24, to: 44 }
const after = {
  meet: { ...begun, ...self, needs: ['meet', 'intents', 'interests', 'home', 'intro'] },
  languages: {
    ...begun,
    ...self,
    preferences,
    languages: [],
    needs: ['languages', 'interests', 'home', 'intro'],
  },
  interests: {
    ...begun,
    ...self,
    preferences,
    languages: ['en', 'it'],
    needs: ['interests', 'home', 'intro'],
  },
  home: { ...begun, ...self, preferences, languages: ['en', 'it'], needs: ['home', 'intro'] },
  voice: { ...begun, ...self, preferences, languages: ['en', 'it'], needs: ['intro'] },
} satisfies Record<string, Me>

const towns = [
  { id: '1', name: 'San Giovanni', area: 'Lazio', country: 'IT' },
  { id: '2', name: 'San Giovanni Valdarno', area: 'Toscana', country: 'IT' },
  { id: '3', name: '圣胡安', area: '', country: 'AR' },
  { id: '4', name: 'San Juan Bautista Tuxtepec', area: 'Oaxaca', country: 'MX' },
]

const check = (value: string) => async (page: Page) => {
  // By key, not by pointer: what stands at the foot may lie above it.
  await page.locator(`input[value=${value}]`).first().press('Space')
}
const fill = (role: 'searchbox' | 'combobox', text: string) => async (page: Page) => {
  await page.getByRole(role).fill(text)
  await page.waitForTimeout(500)
}
const all =
  (...steps: NonNullable<Scene['act']>[]): Scene['act'] =>
  async (page, says) => {
    for (const step of steps) await step(page, says)
  }
const go: NonNullable<Scene['act']> = async (page, says) => {
  await page.getByRole('button', { name: says('onboarding.action') }).click()
}

const peaks = Array.from({ length: 64 }, (_, i) =>
  Math.round(40 + 190 * Math.abs(Math.sin(i / 3.1))),
)
const clip = (place: number, prompt: string) => ({
  place,
  prompt,
  url: `/api/clips/c${place}?ticket=t`,
  ms: 9000 + 4300 * place,
  peaks,
})
const heard: Me = {
  ...people.me,
  onboarded: true,
  clips: [clip(0, 'best_sound')],
  needs: [],
}

const full: Me = {
  ...people.me,
  email: 'mara@example.org',
  languages: ['en', 'it', 'zh'],
  interests: ['karaoke', 'jazz', 'hiking', 'street_food', 'night_trains', 'slow_mornings'],
  clips: [clip(0, 'best_sound'), clip(1, 'worst_haircut'), clip(2, 'dish_i_cook')],
  badges: ['new_here', 'polyglot'],
  work: {
    role: 'Sound designer',
    company: 'Studio Tramonto',
    links: ['https://example.org/mara'],
    open_to: ['collaborating', 'mentoring'],
  },
  home: {
    region: { name: 'Milano', country: 'IT', size: 'city' },
    next: { name: 'Torino', country: 'IT', size: 'area' },
    next_at: Date.UTC(2026, 2, 7, 20),
    moves_left: 2,
  },
  photos: [
    {
      id: 'f1',
      url: '/api/photos/f1',
      width: 900,
      height: 1200,
      blurhash: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
    },
    {
      id: 'f2',
      url: '/api/photos/f2',
      width: 1200,
      height: 900,
      blurhash: 'LGF5]+Yk^6#M@-5c,1J5@[or[Q6.',
    },
  ],
}

const myCard = {
  '/api/me/card': {
    person: {
      ...people.mara,
      pronouns: full.pronouns,
      language: 'en',
      languages: full.languages,
      interests: full.interests,
      clips: full.clips,
      badges: full.badges,
      work: full.work,
    },
    age: 31,
    intents: full.intents,
    region: full.home.region,
    reasons: [],
  },
  '/api/me/verification': { state: 'none' },
  '/api/me/blocked': { people: [] },
  '/api/me/room-bans': { people: [] },
  '/api/me/sessions': {
    sessions: [
      {
        id: 's1',
        device: 'Chromium on Linux',
        created_at: Date.UTC(2026, 1, 20),
        last_seen_at: Date.UTC(2026, 2, 6, 19, 40),
        current: true,
      },
    ],
  },
  '/api/me/passkeys': { passkeys: [] },
}
const page = { path: '/me', me: full, api: myCard }
const row = (key: string) => async (on: Page, says: (key: string) => string) => {
  await on
    .getByRole('button', { name: says(key) })
    .first()
    .click()
}
const down = (id: string) => async (on: Page) => {
  await on.locator(`#${id}`).evaluate((element) => element.scrollIntoView({ block: 'start' }))
}

const morning = Date.UTC(2026, 2, 7, 7) // 8:00 where the pictures are taken

/** Scenes of becoming and being somebody. */
export const persons: Record<string, Scene> = {
  'me-undisturbed': {
    ...page,
    me: { ...full, presence: { mode: 'do_not_disturb', until: morning, show_rooms: true } },
  },
  'me-invisible': { ...page, me: { ...full, presence: { mode: 'invisible', show_rooms: false } } },
  'begin-self': { path: '/', me: begun },
  'begin-self-own': { path: '/', me: begun, act: all(check('woman'), check('own')) },
  'begin-self-missing': { path: '/', me: begun, act: go },
  'begin-self-long': { path: '/', me: { ...begun, name: people.long.name } },
  'begin-self-word': { path: '/', me: { ...begun, name: people.word.name } },
  'begin-meet': { path: '/', me: after.meet, act: check('man') },
  'begin-languages': { path: '/', me: after.languages },
  'begin-languages-find': { path: '/', me: after.languages, act: fill('searchbox', 'ni') },
  'begin-interests': { path: '/', me: after.interests },
  'begin-interests-some': {
    path: '/',
    me: after.interests,
    act: all(check('karaoke'), check('jazz'), check('opera'), check('stories'), check('poetry')),
  },
  'begin-interests-find': { path: '/', me: after.interests, act: fill('searchbox', 'film') },
  'begin-home': { path: '/', me: after.home },
  'begin-home-find': {
    path: '/',
    me: after.home,
    api: { '/api/towns': { towns } },
    act: fill('combobox', 'san g'),
  },
  'begin-home-none': {
    path: '/',
    me: after.home,
    api: { '/api/towns': { towns: [] } },
    act: fill('combobox', 'xyz'),
  },
  'begin-home-error': {
    path: '/',
    me: after.home,
    api: { '/api/towns': 503 },
    act: async (page) => {
      await fill('combobox', 'san')(page)
      await page.waitForTimeout(2500)
    },
  },
  'begin-voice': { path: '/', me: after.voice },
  'begin-voice-recording': { path: '/', me: after.voice, recorder: 'recording', calm: true },
  'begin-voice-taken': { path: '/', me: after.voice, recorder: 'taken' },
  'begin-voice-short': { path: '/', me: after.voice, recorder: 'short' },
  'begin-voice-denied': { path: '/', me: after.voice, recorder: 'denied' },
  'begin-reveal': {
    path: '/',
    me: after.voice,
    recorder: 'taken',
    api: { '/api/me/clips/0': heard },
    act: async (page, says) => {
      await page.getByRole('button', { name: says('recorder.publish') }).click()
    },
  },
  'me-full': page,
  'me-about': { ...page, act: down('about') },
  'me-photos': { ...page, act: down('photos') },
  'me-looks': { ...page, act: down('looks') },
  'me-new': { ...page, me: { ...begun, onboarded: true }, api: { ...myCard, '/api/me/card': 503 } },
  'me-long': {
    ...page,
    me: {
      ...full,
      name: people.long.name,
      work: {
        ...full.work,
        role: '首席声音设计师',
        links: [],
        open_to: [],
        company: '北京落日工作室',
      } as Me['work'],
    },
  },
  'me-word': {
    ...page,
    me: {
      ...full,
      name: people.word.name,
      pronouns: people.word.name.slice(0, 24),
      work: {
        ...full.work,
        role: people.word.name + people.word.name.slice(0, 20),
        company: people.word.name,
        links: [`https://example.org/${people.word.name}`],
        open_to: [],
      } as Me['work'],
    },
  },
  'me-card': {
    ...page,
    act: async (on, says) => {
      const open = on.getByRole('button', { name: says('me.card.open') })
      if (await open.isVisible()) await open.click()
    },
  },
  'me-edit-name': { ...page, act: row('me.profile.name') },
  'me-edit-self': { ...page, act: row('me.about.self') },
  'me-edit-meet': { ...page, act: row('me.about.meet') },
  'me-edit-languages': { ...page, act: row('me.about.languages') },
  'me-edit-interests': { ...page, act: row('me.profile.interests') },
  'me-edit-home': { ...page, act: row('me.about.home') },
  'me-edit-work': { ...page, act: row('me.about.work') },
  'me-clip': { ...page, act: row('me.clips.add') },
  'me-clip-taken': { ...page, recorder: 'taken', act: row('me.clips.add') },
  'me-clip-remove': { ...page, act: row('me.clips.removeIntro') },
  'me-verify': { ...page, act: row('me.verify.title') },
  'me-verify-words': {
    ...page,
    api: {
      ...myCard,
      '/api/me/verification': {
        state: 'started',
        id: 'v1',
        phrase: ['harbour', 'lemon', 'piano', 'butterfly'],
        pose: 'hand_on_heart',
      },
    },
    act: row('me.verify.title'),
  },
  'me-verify-declined': {
    ...page,
    api: { ...myCard, '/api/me/verification': { state: 'declined', why: 'unclear' } },
    act: row('me.verify.title'),
  },
  'me-verify-waiting': {
    ...page,
    api: { ...myCard, '/api/me/verification': { state: 'waiting' } },
    act: row('me.verify.title'),
  },
  'me-blocked': {
    ...page,
    api: { ...myCard, '/api/me/blocked': { people: [people.long, people.amira] } },
    act: down('blocked'),
  },
}
