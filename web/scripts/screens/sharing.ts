import type { Page } from 'playwright-core'
import { Problem, type PublicRoom, type PublicSpeaker } from '../../src/api'
import * as people from './people'
import type { Says, Scene } from './spec'

/** Somebody on stage as people without an account see them. */
function speaker(
  voice: number,
  of?: { name: string; voice?: NonNullable<PublicSpeaker['aura']>['voice'] },
  muted = false,
): PublicSpeaker {
  if (!of) return { voice, muted }
  return {
    name: of.name,
    aura: { seed: voice * 7919, ...(of.voice ? { voice: of.voice } : {}) },
    voice,
    muted,
  }
}

const room = (stage: PublicSpeaker[], more: Partial<PublicRoom> = {}): PublicRoom => ({
  title: 'Songs nobody admits to loving',
  category: 'karaoke',
  language: 'en',
  stage,
  ...more,
})

const at = '/rooms/r-karaoke'
const answers = (public_: Required<Scene>['api'][string]) => ({
  [`${at.replace('/', '/api/')}/public`]: public_,
})
const page = (stage: PublicSpeaker[], more: Partial<PublicRoom> = {}): Scene => ({
  path: at,
  me: 'out',
  api: answers(room(stage, more)),
})

const few = [speaker(11, people.nora), speaker(12), speaker(13, people.luca, true)]
const many = [
  ...few,
  speaker(14, people.wei),
  speaker(15, people.amira, true),
  speaker(16),
  speaker(17, people.long),
  speaker(18, people.tom),
  speaker(19, undefined, true),
]
const loud = { '11': 0.75, '12': 0.4 }

/** What the page says after the first look, once the room is closed. */
const closes = async (scene: Page) => {
  await scene.route('**/public', (route) =>
    route.fulfill({
      status: 404,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status: 404, code: 'room.not_found' }),
    }),
  )
  await scene.waitForTimeout(1600)
  await scene.evaluate(() => window.dispatchEvent(new Event('online')))
}

const press = (key: string) => async (scene: Page, says: Says) => {
  await scene
    .getByRole('button', { name: says(key), exact: true })
    .first()
    .click()
}

/** The page of a shared room for people without an account. */
export const sharings: Record<string, Scene> = {
  share: page(few),
  'share-playing': { ...page(few), sharing: { status: 'playing' }, levels: loud, calm: true },
  'share-one': {
    ...page([speaker(11, people.nora)]),
    sharing: { status: 'playing' },
    levels: loud,
  },
  'share-many': { ...page(many), sharing: { status: 'playing' }, levels: loud },
  'share-word': page([speaker(11, people.word), speaker(12, people.long)], {
    title: 'Wmwmwmwmwm'.repeat(8),
    category: 'blind_date',
  }),
  'share-empty': page([], { recorded: true }),
  'share-loading': { path: at, me: 'out', api: answers('never') },
  'share-failed': {
    path: at,
    me: 'out',
    api: answers('lost'),
    act: async (scene, says) =>
      void (await scene.getByText(says('share.failed.title')).waitFor({ timeout: 10_000 })),
  },
  'share-connecting': { ...page(few), sharing: { status: 'connecting' } },
  'share-lost': { ...page(few), sharing: { status: 'reconnecting' } },
  'share-blocked': { ...page(few), sharing: { status: 'blocked' } },
  'share-full': {
    ...page(few),
    sharing: {
      status: 'refused',
      problem: new Problem({ code: 'listen.full', status: 503, detail: '' }),
    },
  },
  'share-gone': { ...page(few), act: closes },
  'share-none': { path: at, me: 'out', api: answers(404) },
  'share-join': { ...page(few), act: press('share.join') },
}
