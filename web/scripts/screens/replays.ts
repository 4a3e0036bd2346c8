import type { Page } from 'playwright-core'
import type { Member, Person, Replay, ReplayPage } from '../../src/api'
import type { RoomState } from '../../src/voice/session'
import * as people from './people'
import type { Says, Scene } from './spec'

const { nora, luca, wei, amira, long, word, mara } = people
const hour = 60 * 60_000
const began = Date.UTC(2026, 2, 5, 20, 0)
const wordy = 'Wmwmwmwmwm'

const replay = (
  id: string,
  host: Person,
  title: string,
  speakers: Person[],
  more: Partial<Replay> = {},
): Replay => ({
  id,
  title,
  host,
  speakers,
  category: 'talk',
  language: 'en',
  access: 'open',
  state: 'published',
  began_at: began,
  published_at: began + 2 * hour,
  expires_at: began + 30 * 24 * hour,
  days: 30,
  ms: 41 * 60_000 + 7000,
  ...more,
})

const evening = replay(
  'y-jazz',
  nora,
  'One record, from the first groove to the last',
  [nora, luca, wei],
  { category: 'music', club: { id: 'k-jazz', name: 'Jazz at night' } },
)
const draft = replay('y-mine', mara, 'Slow runners’ club', [mara, luca], {
  category: 'sport',
  state: 'draft',
  hosts: true,
  keeps: true,
  expires_at: began + 7 * 24 * hour,
})
const all = [
  draft,
  evening,
  replay('y-long', word, wordy.repeat(8), [word, long, amira, nora], { ms: 3 * hour + 2000 }),
  replay('y-zh', people.xiu, '清晨一起练口语，谁都可以来', [people.xiu, wei], {
    category: 'languages',
    language: 'zh',
  }),
]

/** Everybody speaks for half a minute, one after another. */
const page = (of: Replay, more: Partial<ReplayPage> = {}): ReplayPage => ({
  ...of,
  parts: Array.from({ length: 82 }, (_, i) => ({
    id: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
    person: of.speakers[i % of.speakers.length]?.id ?? '',
    at: 5000 + i * 30_000,
    ms: 29_000,
  })),
  lines: [
    { id: 'l1', kind: 'chapter', at: 0, text: of.title },
    { id: 'l2', kind: 'chat', at: 190_000, text: 'Second side is better', person: luca },
    { id: 'l3', kind: 'link', at: 400_000, text: 'https://example.org/records/1959/blue' },
    { id: 'l4', kind: 'chapter', at: 900_000, text: 'What everyone heard' },
    { id: 'l5', kind: 'chat', at: 1_000_000, text: 'أنا أحب هذه الأغنية كثيرا', person: amira },
    { id: 'l6', kind: 'chat', at: 1_100_000, text: wordy.repeat(6), person: word },
  ],
  mark: 935_000,
  ...more,
})

const one = (of: ReplayPage): Scene => ({
  path: `/replays/${of.id}`,
  api: { [`/api/replays/${of.id}`]: of },
})
const list = (replays: readonly Replay[]): Scene => ({
  path: '/replays',
  api: { '/api/replays': { replays } },
})

const press =
  (...keys: string[]) =>
  async (on: Page, says: Says) => {
    for (const key of keys) {
      await on
        .getByRole('button', { name: says(key), exact: true })
        .first()
        .click()
    }
  }

const inRoom = (you: Member): RoomState => {
  const room = { ...people.room(you), recorded: true as const }
  return {
    status: 'live',
    roomId: room.id,
    room,
    you,
    connection: 'connected',
    mic: you.seat === undefined ? 'off' : 'muted',
    playback: 'ok',
  }
}
const recorded = (you: Member, answered: boolean): Scene => ({
  path: '/rooms/r-karaoke',
  room: inRoom(you),
  api: { '/api/rooms/r-karaoke/recording': { keep: answered, answered } },
  levels: { 'p-nora': 0.75 },
})

/** Rooms that are recorded, and what is heard of them later. */
export const replayScenes: Record<string, Scene> = {
  'replay-list': list(all),
  'replay-none': list([]),
  'replay-list-lost': { path: '/replays', api: { '/api/replays': 500 } },
  'replay-list-wait': { path: '/replays', api: { '/api/replays': 'never' } },
  replay: one(page(evening)),
  'replay-draft': one(page(draft, { lines: [] })),
  'replay-spoke': one(page({ ...draft, host: nora, hosts: false })),
  'replay-words': one(
    page(
      replay('y-long', word, wordy.repeat(4), [word, long, amira, nora, luca, wei], {
        ms: 3 * hour,
      }),
    ),
  ),
  'replay-own': { ...one(page(draft)), act: press('replay.menu') },
  'replay-delete': { ...one(page(draft)), act: press('replay.menu', 'replay.delete.open') },
  'replay-withdraw': { ...one(page(draft)), act: press('replay.menu', 'replay.withdraw.open') },
  'replay-gone': {
    path: '/replays/y-gone',
    api: { '/api/replays/y-gone': { problem: 404, code: 'replay.not_found' } },
  },
  'replay-lost': { path: '/replays/y-lost', api: { '/api/replays/y-lost': 500 } },
  'replay-room-asked': recorded(people.sitting, false),
  'replay-room': { ...recorded(people.sitting, true), act: press('room.recorded.badge') },
}
