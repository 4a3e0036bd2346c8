import type { Page } from 'playwright-core'
import { Problem } from '../../src/api'
import type { LobbyState } from '../../src/realtime/lobby'
import type { RoomState } from '../../src/voice/session'
import { accesses } from './access'
import { askings } from './asking'
import { callings, queue as queueOf } from './calling'
import { cardScenes } from './cards'
import { chattings } from './chatting'
import { clubScenes } from './clubs'
import { comforts } from './comforts'
import { finding } from './finding'
import { meetings } from './meeting'
import { momentScenes } from './moments'
import { notifyings } from './notifying'
import * as people from './people'
import { persons } from './persons'
import { replayScenes } from './replays'
import { scheduleScenes } from './schedule'
import { sharings } from './sharing'
import type { Says, Scene } from './spec'
import { talkings } from './talking'

const lobby: LobbyState = { status: 'ready', cards: people.cards }
const talking = { 'p-nora': 0.75, 'p-long': 0.2 }

type Live = Extract<RoomState, { status: 'live' }>

function live(room: Live['room'], more: Partial<Live> = {}): Live {
  const you = room.you ?? people.listening
  return {
    status: 'live',
    roomId: room.id,
    room,
    you,
    connection: 'connected',
    mic: you.seat === undefined ? 'off' : you.muted ? 'muted' : 'open',
    playback: 'ok',
    ...more,
  }
}

const inside = { path: '/rooms/r-karaoke', lobby, levels: talking }
const press = (key: string) => async (page: Page, says: Says) => {
  await page
    .getByRole('button', { name: says(key), exact: true })
    .first()
    .click()
}

const cardOf = (person: { id: string; name: string; resident: boolean; verified: boolean }) => ({
  ...person,
  badges: [],
  pronouns: '',
  language: 'it',
  languages: ['it', 'en'],
  interests: ['karaoke', 'street_food', 'philosophy', 'hiking'],
  clips: [
    {
      place: 0,
      prompt: 'best_sound',
      url: `/api/clips/${person.id}?ticket=t`,
      ms: 14_000,
      peaks: Array.from({ length: 64 }, (_, i) => 40 + Math.round(180 * Math.abs(Math.sin(i / 3)))),
    },
  ],
})

/** Who is followed; the first of them is a friend. */
const bondsOf = (...following: string[]) => ({
  '/api/me/bonds': { following, friends: following.slice(0, 1) },
})
const peopleAt = (list: string, found: object): Scene => ({
  path: list === 'following' ? '/me/people' : `/me/people?list=${list}`,
  api: { ...bondsOf('p-nora', 'p-long', 'p-wei'), [`/api/me/${list}`]: found },
})
const several = { people: [people.nora, people.long, people.wei, people.amira, people.neu] }

const talk = async (page: Page, says: Says) => {
  await page.evaluate(() => localStorage.setItem('heyy.mic-checked', '1'))
  await page.getByRole('button', { name: 'Nora' }).first().click()
  await page.getByRole('button', { name: says('room.card.talk') }).click()
}
/** A call of two that is refused to whoever wishes it. */
const talksTo = (code: string): Scene => ({
  ...inside,
  room: live(people.room(people.sitting)),
  me: people.me,
  calls: { status: 'ready', problem: new Problem({ code, status: 409, detail: '' }) },
  api: { '/api/people/p-nora': cardOf(people.nora) },
})

export const scenes: Record<string, Scene> = {
  ...accesses,
  ...askings,
  ...cardScenes,
  lobby: { path: '/', lobby },
  'lobby-mini': { path: '/', lobby, room: live(people.room(people.speaking)), levels: talking },
  'lobby-mini-ended': {
    path: '/',
    lobby,
    room: { status: 'ended', roomId: 'r-karaoke', why: 'host' },
  },
  'lobby-yours': { path: '/', lobby, api: bondsOf('p-nora', 'p-long', 'p-amira') },
  'lobby-loading': { path: '/', lobby: { status: 'loading', cards: [] } },
  'lobby-empty': { path: '/', lobby: { status: 'ready', cards: [] } },
  'lobby-error': { path: '/', lobby: { status: 'error', cards: [] } },
  'lobby-offline': { path: '/', lobby: { status: 'offline', cards: [] } },
  'lobby-stale': { path: '/', lobby: { status: 'offline', cards: people.cards } },
  'lobby-none': {
    path: '/',
    lobby,
    act: async (page) => {
      await page.locator('input[type=radio][value=blind_date]').check({ force: true })
    },
  },
  'lobby-start': { path: '/', lobby, act: press('lobby.start.open') },
  'room-listening': { ...inside, room: live(people.room(people.listening)) },
  'room-muted': { ...inside, room: live(people.room(people.sitting)) },
  'room-speaking': {
    ...inside,
    room: live(people.room(people.speaking)),
    levels: { ...talking, 'p-me': 0.55 },
    calm: true,
  },
  'room-crowded': {
    ...inside,
    room: live(people.crowded()),
    levels: { 'p-luca': 0.8, 'p-xiu': 0.3 },
  },
  'chat-voice-seat': {
    ...(chattings.chat as Scene),
    room: live(people.room(people.speaking)),
    act: async (page, says) => {
      await page.getByRole('button', { name: says('chats.voice.record') }).click()
      await page.waitForTimeout(200)
    },
  },
  'room-word': { ...inside, room: live(people.wordyRoom()) },
  'lobby-word': {
    path: '/',
    lobby: { status: 'ready', cards: people.wordyCards },
    room: live(people.wordyRoom()),
  },
  'room-host-alone': { ...inside, room: live(people.fresh()), levels: {} },
  'room-public': { ...inside, room: live({ ...people.room(people.listening), shared: true }) },
  'room-public-what': {
    ...inside,
    room: live({ ...people.room(people.listening), shared: true }),
    act: press('room.shared.badge'),
  },
  'room-public-menu': {
    ...inside,
    room: live({ ...people.room(people.asHost), shared: true }),
    act: press('room.more'),
  },
  'room-public-check': {
    ...inside,
    room: live({ ...people.room(people.listening), shared: true }),
    mic: { status: 'ready', loud: 0.6, deviceId: 'a', devices: [{ id: 'a', label: 'Headset' }] },
    act: press('room.bar.sit'),
  },
  'room-door': {
    ...inside,
    // As the room answers somebody who is not in it.
    api: { '/api/rooms/r-karaoke': { ...people.room(people.listening), you: undefined } },
  },
  'room-joining': { ...inside, room: { status: 'joining', roomId: 'r-karaoke' } },
  'room-reconnecting': {
    ...inside,
    levels: {},
    room: live(people.room(people.sitting), { connection: 'reconnecting' }),
  },
  'room-blocked-sound': {
    ...inside,
    room: live(people.room(people.listening), { playback: 'blocked' }),
  },
  'room-moved-back': { ...inside, room: live(people.room(people.movedBack)) },
  'room-mic-denied': { ...inside, room: live(people.room(people.sitting), { mic: 'denied' }) },
  'room-mic-help': {
    ...inside,
    room: live(people.room(people.sitting), { mic: 'denied' }),
    act: press('mic.noneLong'),
  },
  'room-check': {
    ...inside,
    room: live(people.room(people.listening)),
    mic: {
      status: 'ready',
      loud: 0.6,
      deviceId: 'a',
      devices: [
        { id: 'a', label: 'Headset' },
        { id: 'b', label: 'Built-in microphone' },
      ],
    },
    act: press('room.bar.sit'),
  },
  'room-check-denied': {
    ...inside,
    room: live(people.room(people.listening)),
    mic: { status: 'denied', loud: 0, deviceId: undefined, devices: [] },
    act: press('room.bar.sit'),
  },
  'room-person': {
    ...inside,
    room: live(people.room(people.asHost)),
    levels: { 'p-luca': 0.7 },
    api: { '/api/people/p-luca': cardOf(people.luca) },
    act: async (page) => {
      await page.getByRole('button', { name: 'Luca' }).first().click()
    },
  },
  'room-person-unfinished': {
    ...talksTo('match.incomplete'),
    act: talk,
  },
  /** What is said in passing, over a sheet. */
  'room-person-rings': { ...talksTo('call.rings'), act: talk },
  'room-offered': {
    ...inside,
    room: live({ ...people.room(people.listening), shape: 'stage' }),
    api: { '/api/me/card-offers': { received: [{ person: people.luca, at: 0 }], given: [] } },
  },
  'room-person-followed': {
    ...inside,
    room: live(people.room(people.listening)),
    api: { ...bondsOf('p-luca'), '/api/people/p-luca': cardOf(people.luca) },
    act: async (page) => {
      await page.getByRole('button', { name: 'Luca' }).first().click()
    },
  },
  'chats-yours': {
    ...(chattings.chats as Scene),
    lobby,
    api: { ...chattings.chats?.api, ...bondsOf('p-nora', 'p-long', 'p-amira') },
  },
  'room-safety': {
    ...inside,
    room: live(people.room(people.asHost)),
    api: { '/api/people/p-luca': cardOf(people.luca) },
    act: async (page, says) => {
      await page.getByRole('button', { name: 'Luca' }).first().click()
      const open = says('people.safety.open').split('{name}')[0] ?? ''
      await page.getByRole('dialog').getByRole('button', { name: open }).click()
    },
  },
  'room-menu': { ...inside, room: live(people.room(people.asHost)), act: press('room.more') },
  'room-end': {
    ...inside,
    room: live(people.room(people.asHost)),
    act: async (page, says) => {
      await press('room.more')(page, says)
      await press('room.menu.end')(page, says)
    },
  },
  'room-ended': {
    ...inside,
    room: {
      status: 'ended',
      roomId: 'r-karaoke',
      why: 'host',
      room: people.room(people.listening),
    },
  },
  'room-ended-no-host': {
    ...inside,
    room: {
      status: 'ended',
      roomId: 'r-karaoke',
      why: 'no_host',
      room: people.room(people.listening),
    },
  },
  'room-ended-word': {
    ...inside,
    room: { status: 'ended', roomId: 'r-word', why: 'next_room', room: people.wordyRoom() },
    path: '/rooms/r-word',
  },
  'call-stage-word': {
    path: '/call',
    calls: { status: 'ready', queue: queueOf({ looking: 1 }) },
    room: live(people.wordyRoom()),
    act: press('call.idle.go'),
  },
  'room-removed': {
    ...inside,
    room: {
      status: 'ended',
      roomId: 'r-karaoke',
      why: 'removed',
      room: people.room(people.listening),
    },
  },
  'room-elsewhere': {
    ...inside,
    room: {
      status: 'ended',
      roomId: 'r-karaoke',
      why: 'elsewhere',
      room: people.room(people.listening),
    },
  },
  'room-gone': {
    ...inside,
    room: {
      status: 'failed',
      roomId: 'r-karaoke',
      problem: new Problem({ code: 'room.not_found', status: 404, detail: '' }),
    },
  },
  me: {
    path: '/me',
    lobby,
    api: {
      '/api/me/sessions': {
        sessions: [
          {
            id: 's1',
            device: 'Chromium on Linux',
            created_at: Date.UTC(2026, 1, 20),
            last_seen_at: Date.UTC(2026, 2, 6, 19, 40),
            current: true,
          },
          {
            id: 's2',
            device: 'Safari on iPhone',
            created_at: Date.UTC(2026, 2, 1),
            last_seen_at: Date.UTC(2026, 2, 5, 8),
            current: false,
          },
        ],
      },
      '/api/me/passkeys': {
        passkeys: [{ id: 'k1', name: 'Phone', created_at: Date.UTC(2026, 1, 20) }],
      },
    },
  },
  people: peopleAt('following', { ...several, next: 'more' }),
  'people-followers': peopleAt('followers', several),
  'people-none': peopleAt('followers', { people: [] }),
  'people-none-friends': peopleAt('friends', { people: [] }),
  'people-lost': { path: '/me/people', api: { '/api/me/following': 'lost' } },
  'people-remove': {
    ...peopleAt('followers', several),
    act: async (page, says) => {
      const remove = says('me.people.remove').split('{name}')[0] ?? ''
      await page.getByRole('button', { name: remove }).first().click()
    },
  },
  'people-person': {
    ...peopleAt('friends', several),
    api: {
      ...bondsOf('p-nora'),
      '/api/me/friends': several,
      '/api/people/p-nora': cardOf(people.nora),
    },
    act: async (page) => {
      await page.getByRole('button', { name: 'Nora' }).first().click()
    },
  },
  'sign-in': { path: '/', me: 'out' },
  onboarding: {
    path: '/',
    me: { ...people.me, complete: false, name: '', birth_date: '', interests: [] },
  },
  ...persons,
  ...sharings,
  ...talkings,
  ...meetings,
  ...chattings,
  ...momentScenes,
  ...notifyings,
  ...clubScenes,
  ...finding,
  ...replayScenes,
  ...scheduleScenes,
  ...callings,
  ...comforts({ live, inside, offline: Problem.offline() }),
  offline: { path: '/', me: 'offline' },
  nowhere: { path: '/no/such/place' },
  unsubscribe: { path: '/unsubscribe/link', me: 'out', api: { '/api/emails/link': { on: true } } },
  'unsubscribe-off': {
    path: '/unsubscribe/link',
    me: 'out',
    api: { '/api/emails/link': { on: false } },
  },
  'unsubscribe-wrong': {
    path: '/unsubscribe/link',
    me: 'out',
    api: { '/api/emails/link': { problem: 404, code: 'mail.link_unknown' } },
  },
  inbox: {
    path: '/dev/inbox',
    api: {
      '/api/dev/inbox': {
        mails: [
          {
            to: 'mara@example.org',
            subject: '418 203 is your code',
            text: 'Your sign-in code is 418203. It works for ten minutes.',
            at: Date.UTC(2026, 2, 6, 19, 40),
          },
        ],
      },
    },
  },
}

export { me as someone } from './people'
