import type { Page } from 'playwright-core'
import type { Me, MomentAuthor, OwnMoment, Person } from '../../src/api'
import { chattings } from './chatting'
import { meetings } from './meeting'
import * as people from './people'
import type { Says, Scene } from './spec'

const now = Date.UTC(2026, 2, 6, 19, 41)
const minute = 60_000
const day = 24 * 60 * minute

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
let ids = 0

/** How many minutes ago, whether it was heard, and its text. */
type Said = readonly [ago: number, heard?: boolean, text?: string]

const moment = ([ago, heard = false, text = '']: Said) => ({
  id: id(++ids),
  at: now - ago * minute,
  expires_at: now - ago * minute + day,
  ms: 21_000,
  text,
  heard,
})

const author = (person: Person, chat: MomentAuthor['chat'], ...said: Said[]): MomentAuthor => ({
  person,
  ...(chat && { chat }),
  moments: said.map(moment),
})

const own = (
  ago: number,
  audience: OwnMoment['audience'],
  heard_by: number,
  text = '',
): OwnMoment => {
  const { heard: _, ...rest } = moment([ago, false, text])
  return { ...rest, audience, heard_by }
}

const words = 'The tram has a bell that only rings on the bridge. Listen, there it is.'
const nora = author(people.nora, 'there', [190, true], [64, false, words], [12])
const known = [
  nora,
  author(people.wei, 'there', [31]),
  author(people.long, 'there', [300]),
  author(people.tom, undefined, [500]),
  author(people.giulia, 'there', [700, true]),
  author(people.word, 'there', [900, true]),
]
const mine = [own(420, 'matches', 0), own(33, 'everyone', 14, words)]
const chats = chattings.chats as Scene
const rail = (answer: object, more: Partial<Scene> = {}): Scene => ({
  ...chats,
  ...more,
  api: { ...chats.api, '/api/moments': answer, ...more.api },
})
const strangers = [
  author(people.sara, undefined, [5]),
  author(people.kofi, 'request', [44, true]),
  author(people.ines, 'direct', [61]),
  author({ ...people.amira, resident: true }, undefined, [80]),
]

const playing = async (page: Page, says: Says) => {
  await page.getByRole('button', { name: says('moments.play'), exact: true }).click()
  await page.waitForTimeout(400)
}
const screen = (person: Person, list: MomentAuthor[], more: Partial<Scene> = {}): Scene => ({
  path: `/moments/${person.id}`,
  act: playing,
  ...more,
  api: {
    '/api/moments': { mine, people: list },
    '/api/discover/moments': { people: strangers },
    '/api/matches': { matches: [] },
    '/api/chats': { chats: [], unread: 0 },
    ...more.api,
  },
})
const posting = (then?: (page: Page, says: Says) => Promise<void>) =>
  rail(
    { mine: [], people: known },
    {
      note: 'recording',
      act: async (page, says) => {
        await page.getByRole('button', { name: says('moments.add') }).click()
        await page.waitForTimeout(350)
        await then?.(page, says)
      },
    },
  )
const recording = async (page: Page, says: Says) => {
  await page.getByRole('button', { name: says('moments.record.label') }).click()
  await page.waitForTimeout(200)
}
const taken = async (page: Page, says: Says) => {
  await recording(page, says)
  await page.getByRole('button', { name: says('moments.record.stop') }).click()
  await page.waitForTimeout(300)
}
const refused = (answer: 'lost' | { problem: number; code: string }): Scene => {
  const scene = posting(async (page, says) => {
    await taken(page, says)
    await page.getByRole('button', { name: says('moments.record.post'), exact: true }).click()
    await page.waitForTimeout(1900)
  })
  return { ...scene, api: { ...scene.api, '/api/moments/*': answer } }
}
const me: Me = people.me

/** Moments: the rail, the player, the recorder. */
export const momentScenes: Record<string, Scene> = {
  'moments-rail': rail({ mine, people: known }),
  'moments-rail-empty': rail({ mine: [], people: [] }),
  'moments-discover': {
    ...(meetings.discover as Scene),
    api: { ...(meetings.discover as Scene).api, '/api/discover/moments': { people: strangers } },
  },
  moment: { ...screen(people.nora, known), calm: true },
  'moment-text': screen(people.nora, known, {
    act: async (page, says) => {
      await playing(page, says)
      await page.getByRole('button', { name: says('chats.voice.text'), exact: true }).click()
      await page.waitForTimeout(200)
    },
  }),
  'moment-mine': screen({ ...me } as unknown as Person, known),
  'moment-resident': screen(people.amira, known),
  'moment-stranger': screen(people.sara, known),
  'moment-request': screen(people.kofi, known),
  'moment-direct': screen(people.ines, known),
  'moment-word': screen(people.word, known),
  'moment-answer': {
    ...screen(people.nora, known, {
      act: async (page, says) => {
        await playing(page, says)
        await page.getByRole('button', { name: says('moments.answer.record') }).hover()
        await page.mouse.down()
        await page.waitForTimeout(400)
      },
    }),
    note: 'recording',
  },
  'moment-gone': { ...screen(people.nora, []), act: async () => {} },
  'moment-error': {
    ...screen(people.nora, [], { api: { '/api/moments': 500 } }),
    act: async () => {},
  },
  'moment-post': posting(),
  'moment-post-recording': posting(recording),
  'moment-post-taken': posting(taken),
  'moment-post-offline': refused('lost'),
  'moment-post-many': refused({ problem: 429, code: 'moment.too_many' }),
  'moment-post-denied': { ...posting(recording), note: 'denied' },
}
