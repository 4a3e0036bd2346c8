import type { Page } from 'playwright-core'
import type { Me } from '../../src/api'
import * as people from './people'
import type { Scene } from './scenes'

const begun: Me = {
  ...people.me,
  settled: false,
  gender: '',
  pronouns: '',
  languages: ['en'],
  intents: [],
  interests: [],
  clips: [],
  voice: undefined,
  home: { moves_left: 4 },
  shown: false,
  wishes: { ...people.me.wishes, meet: [], from: 18, to: 120 },
  needs: ['gender', 'meet', 'intents', 'interests', 'home', 'intro'],
}

const self = { gender: 'woman', pronouns: 'she/her' } as const
const wishes = { ...begun.wishes, meet: ['man'], from: 24, to: 44 }
const after = {
  meet: { ...begun, ...self, needs: ['meet', 'intents', 'interests', 'home', 'intro'] },
  languages: {
    ...begun,
    ...self,
    wishes,
    intents: ['dating'],
    needs: ['interests', 'home', 'intro'],
  },
  interests: {
    ...begun,
    ...self,
    wishes,
    languages: ['en', 'it'],
    needs: ['interests', 'home', 'intro'],
  },
  home: { ...begun, ...self, wishes, languages: ['en', 'it'], needs: ['home', 'intro'] },
  voice: { ...begun, ...self, wishes, languages: ['en', 'it'], needs: ['intro'] },
} satisfies Record<string, Me>

const towns = [
  { id: '1', name: 'San Giovanni', area: 'Lazio', country: 'IT' },
  { id: '2', name: 'San Giovanni Valdarno', area: 'Toscana', country: 'IT' },
  { id: '3', name: '圣胡安', area: '', country: 'AR' },
  { id: '4', name: 'San Juan Bautista Tuxtepec', area: 'Oaxaca', country: 'MX' },
]

const check = (value: string) => async (page: Page) => {
  await page.locator(`input[value=${value}]`).first().check({ force: true })
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
  settled: true,
  clips: [clip(0, 'best_sound')],
  needs: [],
}

/** Scenes of becoming and being somebody. */
export const persons: Record<string, Scene> = {
  'begin-self': { path: '/', me: begun },
  'begin-self-own': { path: '/', me: begun, act: all(check('woman'), check('own')) },
  'begin-self-missing': { path: '/', me: begun, act: go },
  'begin-self-long': { path: '/', me: { ...begun, name: people.long.name } },
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
}
