import type { Page } from 'playwright-core'
import { Problem, type Room } from '../../src/api'
import type { LobbyState } from '../../src/realtime/lobby'
import { clubScenes, jazz } from './clubs'
import * as people from './people'
import type { Says, Scene } from './spec'

const lobby: LobbyState = { status: 'ready', cards: people.cards }
const refused = { problem: 409, code: 'club.closed' }

const press =
  (...keys: string[]) =>
  async (page: Page, says: Says) => {
    for (const key of keys) {
      await page
        .getByRole('button', { name: says(key) })
        .filter({ visible: true })
        .last()
        .click()
      await page.waitForTimeout(800)
    }
  }

const inside = (you: typeof people.listening, more: Partial<Room> = {}): Scene => ({
  path: '/rooms/r-karaoke',
  lobby,
  room: {
    status: 'live',
    roomId: 'r-karaoke',
    room: { ...people.room(you), ...more },
    you,
    connection: 'connected',
    mic: you.seat === undefined ? 'off' : 'muted',
    playback: 'ok',
  },
})
const muted = { ...people.sitting, muted_by_host: true }
const host = people.room(people.asHost)
const hands = host.members.map((m) =>
  m.person.id === people.wei.id
    ? { ...m, muted_by_host: true, hand: 4 }
    : m.person.id === people.sara.id || m.person.id === people.long.id
      ? { ...m, hand: 5 }
      : m,
)

/** What somebody is asked, or asks for; and what is wrong with what they wrote. */
export const askings: Record<string, Scene> = {
  'asking-invited': { ...inside(people.listening, { invited: true }), path: '/me' },
  'asking-muted': inside(muted),
  'asking-muted-up': inside({ ...muted, hand: 4 }),
  'asking-raise': { ...inside(muted), act: press('room.bar.raise') },
  'asking-hands': {
    ...inside(people.asHost, { members: hands }),
    api: {
      '/api/rooms/r-karaoke/hands': {
        hands: [
          { person: people.wei, note: 'Sorry, that was my dog' },
          { person: people.long },
          { person: people.sara, invited: true },
        ],
      },
    },
    act: async (page) => {
      await page.getByRole('button').filter({ hasText: '3' }).first().click()
    },
  },
  'asking-remove': {
    ...inside(people.asHost),
    act: async (page, says) => {
      await page.getByRole('button', { name: 'Luca' }).first().click()
      await page.waitForTimeout(800)
      await press('room.card.remove')(page, says)
    },
  },
  'asking-gone-alone': {
    path: '/rooms/r-karaoke',
    lobby: { status: 'ready', cards: [] },
    room: {
      status: 'failed',
      roomId: 'r-karaoke',
      problem: new Problem({ code: 'room.not_found', status: 404, detail: '' }),
    },
  },
  'asking-pin': {
    path: '/',
    lobby,
    act: async (page, says) => {
      await press('lobby.start.open')(page, says)
      await page.locator('input[type=radio][value=pin]').dispatchEvent('click')
      await press('lobby.start.go')(page, says)
    },
  },
  'asking-refused': {
    path: '/',
    lobby,
    api: { '/api/rooms': refused },
    act: press('lobby.start.open', 'lobby.start.go'),
  },
  'asking-club': {
    ...(clubScenes['club-request'] as Scene),
    api: {
      ...clubScenes['club-request']?.api,
      [`/api/clubs/${jazz.id}/request`]: refused,
    },
    act: press('club.join.ask.open', 'club.join.ask.go'),
  },
  'asking-founder': {
    path: '/clubs',
    api: { '/api/me/clubs': { clubs: [] }, '/api/clubs': { clubs: [] } },
    act: press('club.found.open', 'club.found.go'),
  },
}
