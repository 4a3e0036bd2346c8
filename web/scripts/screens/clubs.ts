import type { Page } from 'playwright-core'
import type { Club, ClubCard, ClubMember, ClubVoice, Person } from '../../src/api'
import type { LobbyState } from '../../src/realtime/lobby'
import * as people from './people'
import type { Says, Scene } from './spec'

const now = Date.UTC(2026, 2, 6, 19, 41)
const day = 24 * 60 * 60_000

const card = (
  id: string,
  name: string,
  category: ClubCard['category'],
  members: number,
  more: Partial<ClubCard> = {},
): ClubCard => ({ id, name, about: '', category, language: 'en', entry: 'open', members, ...more })

export const jazz = card('k-jazz', 'Jazz at night', 'music', 214, {
  about: 'We listen to one record from beginning to end, and talk about it afterwards.',
  role: 'member',
})
const wordy = card('k-word', 'Wmwmwmwmwm'.repeat(4), 'talk', 4999, {
  about: 'Wmwmwmwmwm'.repeat(20),
  entry: 'request',
})
const mine = [
  jazz,
  card('k-read', 'Caffè dei lettori', 'talk', 38, { language: 'it', role: 'founder' }),
  card('k-zh', '清晨一起练口语的朋友们，风雨无阻', 'languages', 1204, {
    language: 'zh',
    role: 'member',
    must_read: true,
  }),
  card('k-ar', 'نادي القراءة والحديث الهادئ', 'wellbeing', 12, { role: 'follower' }),
]
const others = [
  card('k-run', 'Runners who are not fast', 'sport', 61, {
    about: 'Slow is a pace, too. Talking while we run, and after.',
  }),
  card('k-found', 'Founders without a pitch', 'work', 340, { entry: 'request' }),
  wordy,
]

const member = (person: Person, role: ClubMember['role'], ago: number): ClubMember => ({
  person,
  role,
  joined_at: now - ago * day,
})

const club = (of: ClubCard, more: Partial<Club> = {}): Club => ({
  ...of,
  rules: 'Let people finish.\nNo selling.\nWhat is said here stays here.',
  rules_version: 2,
  members_invite: false,
  created_at: now - 200 * day,
  followers: 17,
  leaders: [member(people.nora, 'founder', 200), member(people.wei, 'admin', 90)],
  ...more,
})

const voice = (person: Person): ClubVoice => ({
  person,
  clip: {
    place: 0,
    prompt: 'best_sound',
    url: `/api/clips/${person.id}?ticket=t`,
    ms: 14_000,
    peaks: Array.from({ length: 64 }, (_, i) => 40 + Math.round(180 * Math.abs(Math.sin(i / 3)))),
  },
})

const everyone = [people.giulia, people.long, people.kofi, people.amira, people.xiu, people.word]
const page = (of: Club, api: Scene['api'] = {}): Scene => ({
  path: `/clubs/${of.id}`,
  api: {
    [`/api/clubs/${of.id}`]: of,
    [`/api/clubs/${of.id}/rooms`]: { rooms: people.cards.slice(0, 1) },
    [`/api/clubs/${of.id}/voices`]: { voices: everyone.map(voice) },
    [`/api/clubs/${of.id}/members`]: {
      members: everyone.map((one, i) => member(one, 'member', i + 1)),
    },
    [`/api/clubs/${of.id}/requests`]: {
      requests: [
        { person: people.sara, note: 'I play the double bass, badly but with joy.', at: now },
        { person: people.long, at: now },
      ],
    },
    [`/api/clubs/${of.id}/links`]: {
      links: [
        { id: 'l1', by: people.nora, expires_at: now + day, most: 10, uses: 3 },
        { id: 'l2', by: people.long, expires_at: now + 6 * day, most: 1000, uses: 0 },
      ],
    },
    [`/api/clubs/${of.id}/bans`]: { bans: [{ person: people.tom, at: now }] },
    ...api,
  },
})
const press = (key: string) => async (on: Page, says: Says) => {
  await on
    .getByRole('button', { name: says(key), exact: true })
    .filter({ visible: true })
    .first()
    .click()
  await on.waitForTimeout(300)
}

const inside = club(jazz)
const founder = club(
  { ...jazz, role: 'founder' },
  { can_invite: true, requests: 2, leaders: [member(people.me, 'founder', 200)] },
)
const stranger = (entry: Club['entry'], more: Partial<Club> = {}) => {
  const { role: _, ...outside } = jazz
  return club({ ...outside, entry }, more)
}
const lobby: LobbyState = {
  status: 'ready',
  cards: people.cards.map((one, i) =>
    i === 1 ? { ...one, club: { id: 'k-read', name: 'Caffè dei lettori' } } : one,
  ),
}

export const clubScenes: Record<string, Scene> = {
  'clubs-lobby': { path: '/', lobby, api: { '/api/me/clubs': { clubs: mine } } },
  clubs: {
    path: '/clubs',
    api: { '/api/me/clubs': { clubs: mine }, '/api/clubs': { clubs: others, next: 'c' } },
  },
  'clubs-none': {
    path: '/clubs',
    api: { '/api/me/clubs': { clubs: [] }, '/api/clubs': { clubs: [] } },
  },
  'clubs-lost': {
    path: '/clubs',
    api: { '/api/me/clubs': 500, '/api/clubs': 500 },
  },
  'clubs-wait': { path: '/clubs', api: { '/api/me/clubs': 'never', '/api/clubs': 'never' } },
  'clubs-found': {
    path: '/clubs',
    api: { '/api/me/clubs': { clubs: [] }, '/api/clubs': { clubs: others } },
    act: press('club.found.open'),
  },
  'club-inside': page(inside),
  'club-founder': page(founder),
  'club-outside': page(stranger('open')),
  'club-request': page(stranger('request')),
  'club-asked': page(stranger('request', { asked: true })),
  'club-rules': page(club({ ...jazz, must_read: true })),
  'club-words': page(club({ ...wordy, role: 'member' }, { rules: 'Wmwmwmwmwm'.repeat(9) })),
  'club-join': { ...page(stranger('open')), act: press('club.join.join.open') },
  'club-ask': { ...page(stranger('request')), act: press('club.join.ask.open') },
  'club-invite': { ...page(founder), act: press('club.invite.open') },
  'club-link-made': {
    ...page(founder, {
      [`/api/clubs/${jazz.id}/links`]: {
        id: 'l3',
        expires_at: now + day,
        most: 10,
        uses: 0,
        token: 'Zm9ydHktdHdvIHNlY3JldCBieXRlcw',
        links: [],
      },
    }),
    act: async (on, says) => {
      await press('club.invite.open')(on, says)
      await press('club.invite.make')(on, says)
    },
  },
  'club-menu': { ...page(founder), act: press('club.menu.open') },
  'club-start': { ...page(inside), act: press('club.start') },
  'club-manage': {
    ...page(founder),
    act: async (on, says) => {
      const manage = says('club.manage.open').split('{name}')[0] ?? ''
      await on
        .getByRole('button', { name: new RegExp(`^${manage}`) })
        .first()
        .click()
      await on.waitForTimeout(300)
    },
  },
  'club-gone': {
    path: '/clubs/k-gone',
    api: { '/api/clubs/k-gone': { problem: 404, code: 'club.not_found' } },
  },
  'club-link': {
    path: `/clubs/${jazz.id}/join/secret`,
    api: { [`/api/clubs/${jazz.id}`]: stranger('invite') },
  },
  'club-link-gone': {
    path: `/clubs/${jazz.id}/join/secret`,
    api: { [`/api/clubs/${jazz.id}`]: { problem: 410, code: 'club.invite_gone' } },
  },
}
