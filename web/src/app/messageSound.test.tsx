import { act } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Me, type MessageEvent, type NotificationSettings, setMe } from '../api'
import { showPage } from '../testing/page'
import { play } from '../voice/earcons'
import { setCalling } from '../voice/live'
import { isQuiet, mayBeHeard, useMessageSound } from './messageSound'

const owners = vi.hoisted(() => new Set<{ event(said: unknown): void }>())
vi.mock('../realtime/connection', () => ({
  listenOwn(owner: { event(said: unknown): void }) {
    owners.add(owner)
    return () => owners.delete(owner)
  },
}))
vi.mock('../voice/earcons', () => ({ play: vi.fn() }))

const said = (n: number, more: Partial<MessageEvent['message']> = {}): MessageEvent => ({
  type: 'message',
  person_id: 'ada',
  seq: n,
  unread: 1,
  message: {
    id: `m${n}`,
    n,
    seq: n,
    at: 0,
    text: 'x',
    mine: false,
    edited: false,
    deleted: false,
    reactions: [],
    ...more,
  },
})

describe('a message', () => {
  const now = {
    visible: true,
    path: '/',
    occupied: false,
    lastN: 4,
    presence: { mode: 'visible', show_rooms: true },
    at: 1_000_000,
    heardAt: Number.NEGATIVE_INFINITY,
  } as const
  const undisturbed = (until?: number) => ({
    presence: {
      mode: 'do_not_disturb' as const,
      show_rooms: true,
      ...(until === undefined ? {} : { until }),
    },
  })

  it.each([
    ['new, anywhere in the app', {}, {}, true],
    ['in another chat than the one on screen', {}, { path: '/chats/bob' }, true],
    ['in the chat on screen', {}, { path: '/chats/ada' }, false],
    ['of one’s own, from another device', { mine: true }, {}, false],
    ['edited, reacted to or deleted', {}, { lastN: 5 }, false],
    ['out of sight', {}, { visible: false }, false],
    ['in a call, a room or a recording', {}, { occupied: true }, false],
    ['two seconds after another', {}, { heardAt: 998_000 }, false],
    ['three seconds after another', {}, { heardAt: 997_000 }, true],
    ['while nothing may disturb', {}, undisturbed(), false],
    ['before the end of that', {}, undisturbed(1_000_001), false],
    ['after the end of that', {}, undisturbed(1_000_000), true],
  ])('%s: %#', (_, message, more, heard) => {
    expect(mayBeHeard(said(5, message), { ...now, ...more })).toBe(heard)
  })
})

const settings = (from: number, to: number): NotificationSettings => ({
  push: {},
  time_zone: 'Europe/Rome',
  quiet_from: from * 60,
  quiet_to: to * 60,
  daily_cap: 20,
  private_content: false,
  email: true,
})

it('knows quiet hours where they were chosen, also over midnight', () => {
  const rome = (hour: number) => Date.UTC(2026, 0, 10, hour - 1)
  expect(isQuiet(settings(22, 8), rome(23))).toBe(true)
  expect(isQuiet(settings(22, 8), rome(7))).toBe(true)
  expect(isQuiet(settings(22, 8), rome(8))).toBe(false)
  expect(isQuiet(settings(13, 15), rome(14))).toBe(true)
  expect(isQuiet(settings(13, 15), rome(15))).toBe(false)
  expect(isQuiet(settings(9, 9), rome(9))).toBe(false)
})

function Walk() {
  useMessageSound()
  return null
}

describe('where a person walks', () => {
  let quiet: NotificationSettings | undefined
  beforeEach(() => {
    setMe({ id: 'me', name: 'Mara', presence: { mode: 'visible', show_rooms: true } } as Me)
    quiet = settings(0, 0)
    vi.stubGlobal('fetch', async () => Response.json(quiet ?? {}, { status: quiet ? 200 : 500 }))
  })
  afterEach(() => {
    setCalling(false)
    vi.unstubAllGlobals()
    vi.clearAllMocks()
  })
  const hear = async (...all: MessageEvent[]) => {
    for (const one of all) for (const owner of owners) owner.event(one)
    await act(() => new Promise((done) => setTimeout(done, 20)))
  }

  it('a few messages are one tone', async () => {
    await showPage(<Walk />)
    await hear(said(1), said(2), said(3))
    expect(play).toHaveBeenCalledExactlyOnceWith('message')
  })

  it('none sounds into a call, in quiet hours, or where those are not known', async () => {
    await showPage(<Walk />)
    setCalling(true)
    await hear(said(1))
    setCalling(false)
    quiet = undefined
    await hear(said(2))
    const here = new Date().getUTCHours()
    quiet = { ...settings(here, (here + 2) % 24), time_zone: 'UTC' }
    await hear(said(3))
    expect(play).not.toHaveBeenCalled()
  })
})
