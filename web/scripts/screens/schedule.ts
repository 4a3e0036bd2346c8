import type { Page } from 'playwright-core'
import type { Event, EventPage, EventPerson, Person } from '../../src/api'
import type { LobbyState } from '../../src/realtime/lobby'
import { jazz } from './clubs'
import * as people from './people'
import type { Says, Scene } from './spec'

const hour = 60 * 60_000
const now = Date.UTC(2026, 2, 6, 19, 41)
const full = Math.ceil(now / hour) * hour

const event = (
  id: string,
  host: Person,
  title: string,
  ahead: number,
  more: Partial<Event> = {},
): Event => ({
  id,
  host,
  title,
  about: '',
  category: 'talk',
  language: 'en',
  shape: 'lounge',
  access: 'open',
  zone: 'Europe/Rome',
  starts_at: full + ahead * hour,
  minutes: 60,
  state: 'planned',
  goers: 0,
  ...more,
})

const word = 'Wmwmwmwmwm'
export const evening = event(
  'e-jazz',
  people.nora,
  'One record, from the first groove to the last',
  5,
  {
    category: 'music',
    goers: 42,
    zone: 'Asia/Tokyo',
    weekly: true,
    club: { id: 'k-jazz', name: 'Jazz at night' },
    about:
      'We put on one record and listen together.\nAfterwards everyone says what they heard. No knowledge needed.',
  },
)
const all = [
  event('e-live', people.wei, 'Coffee before work', 0, {
    state: 'live',
    room_id: 'r-karaoke',
    category: 'work',
    goers: 3,
  }),
  evening,
  event('e-mine', people.me, 'Slow runners’ club', 8, { category: 'sport', goers: 1 }),
  event('e-long', people.word, word.repeat(8), 26, {
    category: 'wellbeing',
    goers: 9999,
    going: true,
    weekly: true,
  }),
  event('e-zh', people.xiu, '清晨一起练口语，谁都可以来', 30, {
    category: 'languages',
    language: 'zh',
    goers: 12,
  }),
  event('e-far', people.giulia, 'Il cinema di Fellini, una scena alla volta', 24 * 12, {
    language: 'it',
    category: 'local',
  }),
]

const part = (
  person: Person,
  of: EventPerson['part'],
  answer: EventPerson['answer'],
): EventPerson => ({ person, part: of, answer })
const page = (of: Event, more: Partial<EventPage> = {}): EventPage => ({
  ...of,
  people: [part(people.wei, 'co_host', 'accepted'), part(people.long, 'speaker', 'accepted')],
  known: [people.giulia, people.kofi, people.long, people.word],
  ...more,
})
const one = (of: EventPage, api: Scene['api'] = {}): Scene => ({
  path: `/events/${of.id}`,
  api: { [`/api/events/${of.id}`]: of, ...api },
})
const press =
  (...keys: string[]) =>
  async (on: Page, says: Says) => {
    for (const key of keys) {
      await on
        .getByRole('button', { name: says(key), exact: true })
        .filter({ visible: true })
        .first()
        .click()
      await on.waitForTimeout(400)
    }
  }
const mine = page(event('e-mine', people.me, 'Slow runners’ club', 8, { category: 'sport' }), {
  goers: 12,
  people: [
    part(people.wei, 'co_host', 'accepted'),
    part(people.long, 'speaker', 'none'),
    part(people.word, 'speaker', 'declined'),
  ],
})
const lobby: LobbyState = { status: 'ready', cards: people.cards.slice(0, 2) }
const list = (events: readonly Event[]): Scene['api'] => ({ '/api/events': { events } })

export const scheduleScenes: Record<string, Scene> = {
  'schedule-lobby': { path: '/', lobby, api: { '/api/me/clubs': { clubs: [] }, ...list(all) } },
  'schedule-strip': {
    path: '/',
    lobby,
    api: { '/api/me/clubs': { clubs: [] }, ...list(all) },
    act: async (on, says) => {
      await on.getByRole('heading', { name: says('event.strip.title') }).evaluate((strip) => {
        strip.scrollIntoView({ block: 'center' })
      })
    },
  },
  'schedule-lobby-none': { path: '/', lobby, api: { '/api/me/clubs': { clubs: [] }, ...list([]) } },
  'schedule-list': { path: '/events', api: list(all) },
  'schedule-none': { path: '/events', api: list([]) },
  'schedule-mine-none': {
    path: '/events',
    api: list([]),
    act: async (on, says) => {
      await on.getByRole('radio', { name: says('event.list.mine') }).check({ force: true })
      await on.waitForTimeout(400)
    },
  },
  'schedule-lost': {
    path: '/events',
    api: { '/api/events': 500 },
  },
  'schedule-wait': { path: '/events', api: { '/api/events': 'never' } },
  'schedule-plan': { path: '/events', api: list(all), act: press('event.plan.open') },
  'schedule-calendar': {
    path: '/events',
    api: { ...list(all), '/api/me/calendar': {} },
    act: press('event.calendar.open'),
  },
  'schedule-calendar-link': {
    path: '/events',
    api: {
      ...list(all),
      '/api/me/calendar': {
        made_at: now,
        url: `https://heyy.example/api/calendars/${'aB3_'.repeat(10)}xyz.ics`,
      },
    },
    act: press('event.calendar.open', 'event.calendar.again'),
  },
  'schedule-event': one(page(evening)),
  'schedule-going': one(page({ ...evening, going: true })),
  'schedule-words': one(
    page(event('e-long', people.word, word.repeat(4), 26, { goers: 9999, zone: 'UTC' }), {
      about: word.repeat(50),
      people: [part(people.word, 'speaker', 'accepted')],
      known: [people.word],
    }),
  ),
  'schedule-asked': one(page({ ...evening, part: 'speaker', answer: 'none' })),
  'schedule-live': one(page({ ...evening, state: 'live', room_id: 'r-karaoke' })),
  'schedule-over': one(page({ ...evening, state: 'cancelled' }, { people: [], known: [] })),
  'schedule-gone': one(page(evening), {
    [`/api/events/${evening.id}`]: { problem: 404, code: 'event.not_found' },
  }),
  'schedule-host': one(mine),
  'schedule-start': one({ ...mine, can_start: true }),
  'schedule-menu': { ...one(mine), act: press('event.menu.open') },
  'schedule-edit': { ...one(mine), act: press('event.menu.open', 'event.menu.edit') },
  'schedule-cancel': { ...one(mine), act: press('event.menu.open', 'event.cancel.open') },
  'schedule-invite': {
    ...one(mine, {
      '/api/me/following': { people: [people.wei, people.nora, people.word, people.amira] },
    }),
    act: press('event.people.invite'),
  },
  'schedule-invite-nobody': {
    ...one(mine, { '/api/me/following': { people: [] } }),
    act: press('event.people.invite'),
  },
  'schedule-club': {
    path: `/clubs/${jazz.id}`,
    api: {
      [`/api/clubs/${jazz.id}`]: {
        ...jazz,
        rules: '',
        rules_version: 1,
        members_invite: false,
        created_at: now,
        followers: 0,
        leaders: [],
      },
      [`/api/clubs/${jazz.id}/rooms`]: { rooms: [] },
      [`/api/clubs/${jazz.id}/voices`]: { voices: [] },
      [`/api/clubs/${jazz.id}/members`]: { members: [] },
      [`/api/clubs/${jazz.id}/events`]: { events: all.slice(1, 4) },
    },
  },
}
