import { expect, it } from 'vitest'
import type { Member, Room } from '../api'
import type { RoomState } from '../voice/session'
import { left, news } from './roomNews'

type Live = Extract<RoomState, { status: 'live' }>

const you: Member = {
  person: { id: 'me', name: 'Mara', resident: false, verified: false },
  role: 'listener',
  muted: true,
  can_speak: true,
  present: true,
}
const room = { id: 'r', title: 'Tea' } as Room

function live(more: Partial<Live> = {}): Live {
  return {
    status: 'live',
    roomId: 'r',
    room,
    you,
    connection: 'connected',
    mic: 'off',
    playback: 'ok',
    ...more,
  }
}
const seated = { ...you, seat: 3 }

it.each<[string, RoomState, RoomState, string[]]>([
  ['joining', { status: 'joining', roomId: 'r' }, live(), ['joined']],
  ['nothing new', live(), live(), []],
  ['a seat', live(), live({ you: seated, mic: 'muted' }), ['sat']],
  ['standing up', live({ you: seated }), live(), ['stood']],
  [
    'being moved',
    live({ you: seated }),
    live({ you: { ...you, can_speak: false } }),
    ['movedBack'],
  ],
  ['being let back', live({ you: { ...you, can_speak: false } }), live(), ['letSit']],
  [
    'an accepted invitation',
    live({ you: { ...you, can_speak: false } }),
    live({ you: seated }),
    ['sat'],
  ],
  ['an invitation to speak', live(), live({ room: { ...room, invited: true } }), ['invited']],
  [
    'an invitation, once',
    live({ room: { ...room, invited: true } }),
    live({ room: { ...room, invited: true, seq: 9 } }),
    [],
  ],
  [
    'an invitation that waits as one comes back',
    { status: 'joining', roomId: 'r' },
    live({ room: { ...room, invited: true } }),
    ['joined', 'invited'],
  ],
  [
    'being muted by a host',
    live({ you: seated, mic: 'open' }),
    live({ you: { ...seated, muted_by_host: true }, mic: 'muted' }),
    ['mutedByHost'],
  ],
  [
    'being allowed to unmute',
    live({ you: { ...seated, muted_by_host: true } }),
    live({ you: seated }),
    ['mayUnmute'],
  ],
  [
    'becoming a co-host',
    live({ you: { ...you, can_speak: false } }),
    live({ you: { ...you, role: 'co_host' } }),
    ['madeCoHost'],
  ],
  ['being one no longer', live({ you: { ...you, role: 'co_host' } }), live(), ['unmadeCoHost']],
  ['becoming the host', live(), live({ you: { ...you, role: 'host' } }), ['madeHost']],
  [
    'handing the room over: what one did is not told',
    live({ you: { ...you, role: 'host' } }),
    live({ you: { ...you, role: 'co_host' } }),
    [],
  ],
  [
    'speaking up',
    live({ you: seated, mic: 'muted' }),
    live({ you: seated, mic: 'open' }),
    ['open'],
  ],
  ['muting', live({ you: seated, mic: 'open' }), live({ you: seated, mic: 'muted' }), ['muted']],
  ['a cut connection', live(), live({ connection: 'reconnecting' }), ['reconnecting']],
  ['a longer cut', live({ connection: 'reconnecting' }), live({ connection: 'lost' }), []],
  ['the connection back', live({ connection: 'lost' }), live(), ['back']],
  [
    'coming in on a seat',
    { status: 'joining', roomId: 'r' },
    live({ you: seated }),
    ['joinedStage'],
  ],
  ['the end', live(), { status: 'ended', roomId: 'r', why: 'host' }, ['ended']],
])('tells of %s', (_, before, now, said) => {
  expect(news(before, now).map((n) => n.say)).toEqual(said)
})

it.each(['host', 'next_room', 'empty', 'no_host', 'removed', 'closed', 'elsewhere'] as const)(
  'tells how it ended: %s',
  (why) => {
    expect(news(live(), { status: 'ended', roomId: 'r', why, room })).toEqual([
      { say: 'ended', why },
    ])
  },
)

it('tells a host that they closed the room', () => {
  const mine = { ...room, you: { ...you, role: 'host' } } as Room
  expect(news(live(), { status: 'ended', roomId: 'r', why: 'host', room: mine })).toEqual([
    { say: 'ended', why: 'you' },
  ])
})

it.each<[string, RoomState, RoomState, string | undefined]>([
  ['stays', live(), live(), undefined],
  ['comes back after a reload', { status: 'none' }, { status: 'joining', roomId: 'r' }, undefined],
  ['leaves', live(), { status: 'none' }, 'r'],
  ['goes into another room', live(), { status: 'joining', roomId: 'r2' }, 'r'],
  ['is removed', live(), { status: 'ended', roomId: 'r', why: 'removed' }, 'r'],
  [
    'opens it in another window',
    live(),
    { status: 'ended', roomId: 'r', why: 'elsewhere' },
    undefined,
  ],
])('knows the room that somebody has left who %s', (_, before, now, gone) => {
  expect(left(before, now)).toBe(gone)
})
