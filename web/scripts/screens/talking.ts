import type { Page } from 'playwright-core'
import type { Member, Room } from '../../src/api'
import type { RoomMessage } from '../../src/api/types'
import type { RoomState } from '../../src/voice/session'
import * as people from './people'
import type { Says, Scene } from './spec'

const { nora, luca, wei, amira, long, word, sara, mara } = people
const minute = 60_000
const now = Date.UTC(2026, 2, 6, 19, 41)

type Said = readonly [who: typeof nora, ago: number, text: string, more?: Partial<RoomMessage>]

const said = (all: readonly Said[]) => ({
  messages: all
    .map(([person, ago, text, more], i) => ({
      id: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
      person,
      text,
      at: now - ago * minute + i,
      ...more,
    }))
    .reverse(),
})

const evening: readonly Said[] = [
  [luca, 19, 'Second verse next?'],
  [nora, 18, 'Only if Mara sings the bridge.'],
  [nora, 18, '@Mara please', { mentioned: true }],
  [mara, 17, 'Give me two songs to find the courage.'],
  [wei, 12, '这首歌我听过，下一首唱《夜空中最亮的星》吧'],
  [sara, 11, '', { deleted: 'host' }],
  [amira, 6, 'أنا أحب هذه الأغنية كثيرا'],
  [long, 3, 'Same here. My neighbours know every word by now, whether they want to or not.'],
  [luca, 1, '👏👏👏'],
]

const wordy: readonly Said[] = [
  [word, 4, 'Wmwmwmwmwm'.repeat(50)],
  [word, 3, 'Wmwmwmwmwm'.repeat(12), { mentioned: true }],
]

const inRoom = (room: Room & { you?: Member }): RoomState => ({
  status: 'live',
  roomId: room.id,
  room,
  you: room.you ?? people.listening,
  connection: 'connected',
  mic: room.you?.seat === undefined ? 'off' : 'open',
  playback: 'ok',
})

const page = (
  you: Member,
  messages: Required<Scene>['api'][string],
  more: Partial<Room> = {},
): Scene => ({
  path: '/rooms/r-karaoke',
  room: inRoom({ ...people.room(you), ...more }),
  levels: { 'p-nora': 0.75 },
  api: {
    '/api/rooms/r-karaoke/messages/search': said(evening.slice(1, 3)),
    '/api/rooms/r-karaoke/messages': messages,
  },
})

const press =
  (...keys: string[]) =>
  async (scene: Page, says: Says) => {
    for (const key of keys) {
      await scene
        .getByRole('button', { name: says(key) })
        .filter({ visible: true })
        .first()
        .click()
      await scene.waitForTimeout(250)
    }
  }
const open = press('room.chat.title')
const opened = (scene: Scene, ...keys: string[]): Scene => ({
  ...scene,
  act: press('room.chat.title', ...keys),
})

const link = 'https://www.example.org/songs/of/the/evening?list=everything-we-know-by-heart'

/** The chat of a room, reactions, and the pinned link. */
export const talkings: Record<string, Scene> = {
  'roomchat-read': opened(page(people.listening, said(evening), { link })),
  'roomchat-host': opened(page(people.asHost, said(evening))),
  'roomchat-empty': opened(page(people.listening, said([]))),
  'roomchat-loading': opened(page(people.listening, 'never')),
  'roomchat-lost': opened(page(people.listening, 'lost')),
  'roomchat-word': opened(page(people.listening, said(wordy))),
  'roomchat-off': opened(page(people.asHost, said(evening), { chat: 'off' })),
  'roomchat-muted': opened(page({ ...people.listening, chat_muted: true }, said(evening))),
  'roomchat-mention': {
    ...page(people.listening, said(evening)),
    act: async (scene, says) => {
      await open(scene, says)
      await scene.getByRole('textbox', { name: says('room.chat.write') }).pressSequentially('Hi @')
    },
  },
  'roomchat-rules': opened(
    page(people.asHost, said(evening), { slow_seconds: 10 }),
    'room.chat.rules',
  ),
  'roomchat-search': {
    ...page(people.listening, said(evening)),
    act: async (scene, says) => {
      await press('room.chat.title', 'room.chat.search')(scene, says)
      await scene.getByRole('searchbox').fill('mara')
      await scene.waitForTimeout(400)
    },
  },
  'roomchat-message': {
    ...page(people.asHost, said(evening)),
    act: async (scene, says) => {
      await open(scene, says)
      const [options = ''] = says('room.chat.more').split('{')
      await scene
        .getByRole('listitem')
        .filter({ hasText: '下一首' })
        .getByRole('button', { name: options.trim() })
        .click()
    },
  },
  'roomchat-react': { ...page(people.speaking, said([]), { link }), act: press('room.react.open') },
  'roomchat-edit': {
    ...page(people.asHost, said([]), { link }),
    act: press('room.more', 'room.edit.title'),
  },
}
