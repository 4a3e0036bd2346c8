import type { Page } from 'playwright-core'
import { type Card, Problem, type Room } from '../../src/api'
import * as people from './people'
import type { Says, Scene } from './spec'

const at = '/rooms/r-karaoke'
const press = (key: string) => async (page: Page, says: Says) =>
  void (await page
    .getByRole('button', { name: says(key), exact: true })
    .first()
    .click())

/** The door of a room that the lobby does not list, as the room answers who comes by. */
const door = (more: Partial<Room>, room: Scene['room'] = { status: 'none' }): Scene => ({
  path: at,
  lobby: { status: 'ready', cards: [] },
  room,
  api: {
    '/api/rooms/r-karaoke': {
      ...people.room(people.listening),
      members: [],
      you: undefined,
      ...more,
    },
  },
})
const refused = (code: string, left?: number): Scene['room'] => ({
  status: 'failed',
  roomId: 'r-karaoke',
  problem: new Problem({ code, status: 403, detail: '', ...(left === undefined ? {} : { left }) }),
})
const failed = (code: string): Scene => ({
  path: at,
  lobby: { status: 'ready', cards: [] },
  room: refused(code),
})
const locked = (card: Card, i: number): Card =>
  i === 1
    ? { ...card, access: 'pin', speakers: [], listeners: 0 }
    : i === 2
      ? { ...card, access: 'followers', women_only: true, verified_only: true }
      : card
const host = (more: Partial<Room>): Scene => ({
  path: at,
  lobby: { status: 'ready', cards: [] },
  room: {
    status: 'live',
    roomId: 'r-karaoke',
    room: { ...people.room(people.asHost), ...more },
    you: people.asHost,
    connection: 'connected',
    mic: 'open',
    device: undefined,
    playback: 'ok',
  } as Scene['room'],
})
const withMore =
  (chip: string, first: string, second?: string) => async (page: Page, says: Says) => {
    await press(first)(page, says)
    if (second) await press(second)(page, says)
    // Clicked by itself: the sheet may still be on its way up.
    await page.locator(`input[type=radio][value=${chip}]`).dispatchEvent('click')
    await page.locator('summary').click()
    await page.locator('summary').scrollIntoViewIfNeeded()
  }

/** Who comes into which room: its door, its card, and what its host sees. */
export const accesses: Record<string, Scene> = {
  'access-pin': door({ access: 'pin', gate: 'pin' }),
  'access-pin-wrong': door({ access: 'pin', gate: 'pin' }, refused('room.pin_wrong', 2)),
  'access-pin-spent': door({ access: 'pin', gate: 'pin' }, refused('room.pin_spent')),
  'access-followers': door({ access: 'followers', gate: 'followers' }),
  'access-club': door({
    access: 'club',
    gate: 'club',
    in_club: true,
    club: { id: 'c-jazz', name: 'Jazz at night' },
  }),
  'access-club-unnamed': door({ access: 'club', gate: 'club', in_club: true }),
  'access-full': door({ capacity: 10, gate: 'full' }),
  'access-women': failed('room.women_only'),
  'access-verified': failed('room.verified_only'),
  'access-blocked': failed('room.blocked_here'),
  'access-lobby': { path: '/', lobby: { status: 'ready', cards: people.cards.map(locked) } },
  'access-start': {
    path: '/',
    lobby: { status: 'ready', cards: people.cards },
    act: withMore('pin', 'lobby.start.open'),
  },
  'access-start-closed': {
    path: '/',
    lobby: { status: 'ready', cards: people.cards },
    act: press('lobby.start.open'),
  },
  'access-host': {
    ...host({ access: 'pin', capacity: 20, women_only: true }),
    act: withMore('followers', 'room.more', 'room.entry.title'),
  },
  'access-host-club': {
    ...host({ access: 'club', in_club: true, club: { id: 'c-jazz', name: 'Jazz at night' } }),
    act: async (page, says) => {
      await press('room.more')(page, says)
      await press('room.entry.title')(page, says)
    },
  },
  'access-host-menu': {
    ...host({ access: 'followers', verified_only: true }),
    act: press('room.more'),
  },
  'access-talks': host({
    access: 'link',
    audience: false,
    listeners: 0,
    members: people.room(people.asHost).members.filter((m) => m.seat),
  }),
}
