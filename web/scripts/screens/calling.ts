import type { Page } from 'playwright-core'
import { type Call, type HappyHour, Problem, type QueueStatus } from '../../src/api'
import { type CallsState, noAudio } from '../../src/voice/call-state'
import * as people from './people'
import type { Says, Scene } from './spec'

const now = Date.UTC(2026, 2, 6, 19, 41)
const hour: HappyHour = {
  id: 'h1',
  title: 'Friday late talk',
  starts_at: now + 79 * 60_000,
  ends_at: now + 199 * 60_000,
  coming: 14,
  me: true,
}
export const queue = (more: Partial<QueueStatus> = {}): QueueStatus => ({
  waiting: false,
  looking: 3,
  call_privacy: 'everyone',
  alert: false,
  missed: [],
  hours: [],
  now,
  ...more,
})

const call = (of: { id: string; name: string }, more: Partial<Call> = {}): Call => ({
  id: 'c1',
  kind: 'match',
  state: 'proposed',
  seq: 1,
  person: {
    resident: false,
    seed: 1,
    intro: '/api/calls/c1/intro',
    ...of,
  },
  age_from: 30,
  age_to: 34,
  shared: ['jazz', 'night_trains', 'hiking'],
  mine: false,
  accepted: false,
  deadline_at: now + 11_000,
  muted: false,
  they_muted: false,
  they_interrupted: false,
  they_away: false,
  extend_mine: false,
  extend_theirs: false,
  extensions: 0,
  cards: ['rather_sing_or_dance_in_public', 'sound_of_home', 'two_truths_one_lie'],
  matched: false,
  ended_by_me: false,
  now,
  ...more,
})

const at = (calls: Partial<CallsState>, more: Partial<Scene> = {}): Scene => ({
  path: '/call',
  calls: { status: 'ready', queue: queue(), ...calls },
  ...more,
})
const notReady = new Problem({ code: 'server.not_ready', status: 503, detail: 'Not ready yet.' })
const online = { ...noAudio, connection: 'connected', mic: 'open', heard: true } as const
const live = (more: Partial<Call> = {}, calls: Partial<CallsState> = {}): Scene =>
  at(
    {
      call: call(people.nora, {
        state: 'live',
        accepted: true,
        live_at: now - 107_000,
        deadline_at: now + 313_000,
        ...more,
      }),
      audio: online,
      ...calls,
    },
    { levels: { 'p-nora': 0.75, 'p-me': 0.2 } },
  )
const ended = (more: Partial<Call> = {}): Scene =>
  at({
    call: call(people.nora, {
      state: 'ended',
      accepted: true,
      live_at: now - 430_000,
      ended_at: now,
      end_reason: 'time',
      choose_by: now + 86_400_000,
      ...more,
    }),
  })
const pressing =
  (...keys: string[]) =>
  async (page: Page, says: Says) => {
    for (const key of keys) {
      await page
        .getByRole('button', { name: says(key) })
        .first()
        .click()
      await page.waitForTimeout(250)
    }
  }
const checked = async (page: Page) => {
  await page.evaluate(() => localStorage.setItem('heyy.mic-checked', '1'))
}
const heard: NonNullable<Scene['mic']> = {
  status: 'ready',
  loud: 0.6,
  deviceId: 'a',
  devices: [],
}

/** Call, from nobody there to two hearts. */
export const callings: Record<string, Scene> = {
  'call-idle': at(
    { queue: queue({ hours: [hour] }) },
    { levels: { 'p-me': 0.5 }, act: checked, calm: true },
  ),
  'call-idle-nobody': at({
    queue: queue({ looking: 0, call_privacy: 'verified' }),
    lapsed: true,
  }),
  'call-idle-hour': at(
    {
      queue: queue({
        looking: 12,
        hours: [{ ...hour, starts_at: now - 600_000, title: 'Venerdì a voce bassa' }],
        missed: [
          { person_id: 'p-nora', at: now - 3_600_000 },
          { person_id: 'p-amira', at: now - 86_400_000 },
        ],
        call: ended().calls?.call,
      }),
    },
    {
      api: {
        '/api/matches': {
          matches: [people.nora, people.amira].map((person) => ({
            person: call(person).person,
            age: 33,
            intents: [],
            at: now,
            reveal: { mine: false, theirs: false, photos: [] },
          })),
        },
      },
    },
  ),
  'call-check': at({}, { mic: heard, act: pressing('call.idle.go') }),
  'call-check-denied': at(
    {},
    { mic: { ...heard, status: 'denied' }, act: pressing('call.idle.go') },
  ),
  'call-tonight': at({}, { act: pressing('call.tonight.title') }),
  'call-privacy': at({}, { act: pressing('call.privacy.title') }),
  'call-closed': at({}, { me: { ...people.me, shown: false, needs: ['intro'] } }),
  'call-soon': at({ status: 'error', problem: notReady, queue: undefined }),
  'call-error': at({ status: 'error', queue: undefined }),
  'call-loading': at({ status: 'loading', queue: undefined }),
  'call-search': {
    ...at(
      { queue: queue({ waiting: true, looking: 4, since: now - 42_000, estimate_ms: 118_000 }) },
      { levels: { 'p-me': 0.7 } },
    ),
    act: async (page) => {
      await page.waitForTimeout(1800)
    },
    calm: true,
  },
  'call-search-alone': at({
    queue: queue({ waiting: true, looking: 1, since: now - 3000, alert: true }),
  }),
  'call-search-walking': {
    ...at({ queue: queue({ waiting: true, looking: 4, since: now - 42_000 }) }),
    path: '/',
    lobby: { status: 'ready', cards: people.cards },
  },
  'call-proposal': {
    ...at({ call: call(people.nora), queue: queue({ waiting: true }) }),
    calm: true,
  },
  'call-proposal-stage': {
    ...at({ call: call(people.long, { deadline_at: now + 4000 }) }),
    path: '/',
    lobby: { status: 'ready', cards: people.cards },
    room: {
      status: 'live',
      roomId: 'r-karaoke',
      room: people.room(people.speaking),
      you: people.speaking,
      connection: 'connected',
      mic: 'open',
      playback: 'ok',
    },
  },
  'call-ring-in': {
    ...at({ call: call(people.amira, { kind: 'direct', shared: [], deadline_at: now + 22_000 }) }),
    path: '/me',
  },
  'call-ring-out': at({
    call: call(people.amira, { kind: 'direct', mine: true, accepted: true }),
    audio: { ...online, heard: false },
  }),
  'call-waiting': at({
    call: call(people.nora, { accepted: true }),
    audio: { ...online, heard: false },
  }),
  'call-connecting': at({
    call: call(people.nora, { accepted: true, state: 'connecting' }),
    audio: { ...online, heard: false },
  }),
  'call-live': { ...live(), calm: true },
  'call-live-more': live({ extend_theirs: true, deadline_at: now + 48_000 }, { lastMinute: true }),
  'call-live-away': live(
    { they_away: true, they_muted: true, they_back_by: now + 34_000 },
    { audio: { ...online, mic: 'muted' } },
  ),
  'call-live-busy': live({ they_interrupted: true }),
  'call-live-taken': live({}, { audio: { ...online, mic: 'taken' } }),
  'call-live-back': live({ back_by: now + 47_000 }, { audio: { ...noAudio, connection: 'away' } }),
  'call-proposal-word': at({ call: call(people.word), queue: queue({ waiting: true }) }),
  'call-live-word': at({
    call: call(people.word, { state: 'live', accepted: true, deadline_at: now + 400_000 }),
  }),
  'call-live-long': at({
    call: call(people.long, { state: 'live', accepted: true, deadline_at: now + 400_000 }),
    audio: { ...online, weak: 'theirs' },
  }),
  'call-sound': { ...live(), act: pressing('call.sound.open') },
  'call-bar': {
    ...live(),
    path: '/',
    lobby: { status: 'ready', cards: people.cards },
  },
  'call-after': ended(),
  'call-after-unsafe': {
    ...ended({ end_reason: 'left' }),
    act: async (page) => {
      await page.locator('input[type=radio]').nth(5).check({ force: true })
    },
  },
  'call-after-heart': ended({ choice: 'heart' }),
  'call-after-matched': ended({ choice: 'heart', matched: true, choose_by: undefined }),
  'call-never-heard': ended({
    live_at: undefined,
    end_reason: 'never_heard',
    choose_by: undefined,
  }),
  'call-busy': ended({
    kind: 'direct',
    mine: true,
    live_at: undefined,
    end_reason: 'busy',
    choose_by: undefined,
  }),
}
