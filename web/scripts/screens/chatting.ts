import type { Page } from 'playwright-core'
import type { Chat, DiscoverCard, Match, Me, Message, Person, Presence } from '../../src/api'
import { all, amira, at, long, match, nora, photos, pressing, wei, word } from './meeting'
import * as people from './people'
import type { Says, Scene } from './spec'

const now = Date.UTC(2026, 2, 6, 19, 41)
const minute = 60_000
const day = 24 * 60 * minute

/** A line of a conversation: who says it, how many minutes ago, what. */
type Said = readonly [who: 'me' | 'them', ago: number, text: string, more?: Partial<Message>]

const messages = (said: readonly Said[]): Message[] =>
  said.map(([who, ago, text, more], i) => ({
    id: `00000000-0000-4000-8000-${String(i + 1).padStart(12, '0')}`,
    n: i + 1,
    mine: who === 'me',
    at: now - ago * minute,
    text,
    edited: false,
    deleted: false,
    reactions: [],
    seq: i + 1,
    ...more,
  }))

const evening: readonly Said[] = [
  ['them', 1640, 'Your intro made me laugh. Which train was it?'],
  [
    'me',
    1632,
    'The sleeper from Vienna to Rome. I missed the first one and the second had no beds.',
  ],
  ['me', 1632, 'So I sang with a football team until Bologna.'],
  [
    'them',
    1627,
    'A whole team? Now I need to know the song.',
    { reactions: [{ emoji: '😂', mine: true }] },
  ],
  [
    'me',
    91,
    '“Azzurro”, eleven times. I can still do all the verses, and I do not even speak Italian that well.',
    { edited: true },
  ],
  ['them', 88, '', { deleted: true }],
  [
    'them',
    87,
    'Eleven times is a test of character. I would have stayed for the twelfth.',
    {
      reply: { n: 5, mine: true, text: '“Azzurro”, eleven times. I can still do all the verses.' },
      reactions: [
        { emoji: '❤️', mine: true },
        { emoji: '🔥', mine: false },
      ],
    },
  ],
  ['them', 86.5, 'What are you doing on Sunday morning?'],
  [
    'me',
    12,
    'Sleeping until ten, then the market at the canal. They have a man who sells only lemons.',
  ],
  ['me', 12, 'Come along?'],
]

const pageOf = (list: readonly Message[], more: object = {}) => ({
  messages: [...list].reverse(),
  seq: list.length,
  read_n: list.length,
  their_read_n: list.length,
  unread: 0,
  ...more,
})

const chatOf = (person: Person, more: Partial<Chat> = {}, last?: Message): Chat => ({
  person,
  at: last?.at ?? now - day,
  seq: last?.seq ?? 0,
  unread: 0,
  read_n: last?.n ?? 0,
  their_read_n: 0,
  match: true,
  ...(last ? { last } : {}),
  ...more,
})
const lastOf = (...said: Said) => messages([said])[0]

const withPhotos: Me = { ...people.me, photos }
const talk = (
  said: readonly Said[],
  more: {
    with?: Match
    page?: object
    api?: Scene['api']
    act?: Scene['act']
    events?: Scene['events']
  } = {},
): Scene => {
  const other = more.with ?? match(nora, 2)
  const { id } = other.person
  const { act, events } = more
  return {
    path: `/chats/${id}`,
    me: withPhotos,
    api: {
      '/api/matches': { matches: [other] },
      '/api/chats': { chats: [chatOf(other.person)], unread: 0 },
      [`/api/chats/${id}/messages`]: pageOf(messages(said), more.page),
      ...more.api,
    },
    ...(act ? { act } : {}),
    ...(events ? { events } : {}),
  }
}

const writing =
  (text: string, then?: (page: Page, says: Says) => Promise<void>) =>
  async (page: Page, says: Says) => {
    await page.locator('textarea').fill(text)
    await then?.(page, says)
  }
const sending = (text: string, waitMs = 300) =>
  writing(text, async (page, says) => {
    await page.getByRole('button', { name: says('chats.write.send') }).click()
    await page.waitForTimeout(waitMs)
  })
const menuOf = (text: string) => async (page: Page) => {
  await page.locator('[role=log]').getByText(text).click({ button: 'right' })
  await page.waitForTimeout(250)
}
const emoji = (wanted: string) => async (page: Page, says: Says) => {
  await menuOf('Come along?')(page)
  await page.getByRole('button', { name: says('chats.emoji.more') }).click()
  await page.getByRole('searchbox').fill(wanted)
  await page.waitForTimeout(400)
}
const choosing = (text: string, key: string) => async (page: Page, says: Says) => {
  await menuOf(text)(page)
  await page.getByRole('button', { name: says(key), exact: true }).click()
  await page.waitForTimeout(250)
}

const sends = '/api/chats/p-nora/messages/*'
const typing = [{ type: 'typing' as const, person_id: 'p-nora' }]
const profile = (reveal: Partial<Match['reveal']>, me: Me = withPhotos): Scene => ({
  path: '/chats/p-nora/profile',
  me,
  api: { '/api/matches': { matches: [match(nora, 2, reveal)] } },
})
const longTalk: readonly Said[] = Array.from({ length: 60 }, (_, i): Said => {
  const words = ['Yes.', 'Which one did you hear first?', 'I kept the ticket, it is on my fridge.']
  return [i % 3 === 0 ? 'me' : 'them', 3000 - i * 40, words[i % words.length] ?? '']
})
const arabic: readonly Said[] = [
  ['them', 64, 'مرحبا! سمعت أنك تحب القطارات الليلية.'],
  ['me', 61, 'نعم، وخاصة قطار فيينا. And you?'],
  ['them', 58, 'أحب Café del Mar في الصباح الباكر 🙂'],
  ['me', 57, '那我们周日早上在运河边的市场见面吧，那里有个人只卖柠檬。'],
]
const wave = (seed: number) =>
  Array.from({ length: 64 }, (_, i) => {
    const phrase = Math.max(0.1, Math.sin(i / (4 + (seed % 3)) + seed))
    return Math.round(250 * phrase * (0.5 + 0.5 * Math.abs(Math.sin(i * 1.9 + seed))))
  })
const aloud = (seconds: number, heard = true): Partial<Message> => ({
  voice: { ms: seconds * 1000, peaks: wave(seconds), heard },
})
const spoken: readonly Said[] = [
  ['them', 95, 'I sang it for my mother and she sang the second voice.', aloud(23)],
  ['me', 91, '', aloud(8)],
  [
    'me',
    90,
    'The market opens at nine, but the man with the lemons never comes before ten.',
    aloud(74, false),
  ],
  [
    'them',
    62,
    'Ten, then. I will be the one with the green bag.',
    { reply: { n: 2, mine: true, text: '', voice_ms: 8000 } },
  ],
  ['them', 3, '', aloud(12, false)],
]
const speaking =
  (then?: (page: Page, says: Says) => Promise<void>) => async (page: Page, says: Says) => {
    await page.getByRole('button', { name: says('chats.voice.record') }).click()
    await page.waitForTimeout(200)
    await then?.(page, says)
  }
const named = (says: Says, key: string) =>
  says(key)
    .split('{')[0]
    ?.replace(/[，, ]+$/, '') ?? ''
const playing = async (page: Page, says: Says) => {
  await page
    .getByRole('button', { name: named(says, 'chats.voice.play') })
    .last()
    .click()
  await page.waitForTimeout(300)
}

const endless = 'Donaudampfschifffahrtsgesellschaft'.repeat(6)

const listed: Chat[] = [
  chatOf(nora.person, { unread: 2 }, lastOf('them', 3, '', aloud(12, false))),
  chatOf(wei.person, {}, lastOf('them', 47, '周末去爬山吗？')),
  chatOf(long.person, {}, lastOf('me', 1500, 'I will bring the lemons, you bring the stories.')),
  chatOf(people.giulia, {}, lastOf('them', 4300, '', { deleted: true })),
  chatOf(people.kofi, {}, lastOf('me', 9000, '', aloud(8))),
]
const plain = (person: Person, days: number) =>
  match({ ...nora, person: { ...nora.person, ...person } }, days)
const list = (
  chats: Chat[],
  matches: Match[],
  more: Partial<Scene> = {},
  api: Scene['api'] = {},
): Scene => ({
  path: '/chats',
  ...more,
  api: {
    '/api/matches': { matches },
    '/api/chats': { chats, unread: chats.reduce((sum, { unread }) => sum + unread, 0) },
    ...api,
  },
})
const everybody = [
  match(nora, 1),
  match(wei, 3),
  match(long, 9),
  plain(people.giulia, 12),
  plain(people.kofi, 20),
]

const foundIn = (
  person: Person,
  ago: number,
  excerpt: string,
  word: string,
  more: object = {},
) => ({
  person,
  id: '00000000-0000-4000-8000-000000000001',
  n: 31,
  mine: false,
  at: now - ago * minute,
  excerpt,
  marks: [{ from: excerpt.indexOf(word), to: excerpt.indexOf(word) + word.length }],
  ...more,
})
const found = [
  foundIn(nora.person, 12, 'They have a man who sells only lemons. Come along?', 'lemons'),
  foundIn(long.person, 1500, 'I will bring the lemons, you bring the stories.', 'lemons', {
    mine: true,
  }),
  foundIn(wei.person, 4000, '运河边的市场有个人只卖柠檬 🍋 (lemons!)', 'lemons'),
  foundIn(
    amira.person,
    70_000,
    '…and then, after the whole long story about the night train from Vienna and the football team, it was all about the lemons of Amalfi, which nobody there has ever tasted…',
    'lemons',
  ),
]
const searching = (answer: object | number | 'never' | 'lost', q = 'lemon'): Scene => {
  const scene = list(listed, everybody)
  return { ...scene, path: `/chats?q=${q}`, api: { ...scene.api, '/api/chats/search': answer } }
}
const within = (answer: object | number | 'never', q = 'lemon'): Scene => ({
  path: `/chats/p-nora/search${q && `?q=${q}`}`,
  api: { '/api/matches': { matches: [match(nora, 2)] }, '/api/chats/search': answer },
})

/** Somebody without a match asks for a chat. */
const request = (person: Person, ago: number, text: string, more?: Partial<Message>): Chat =>
  chatOf(
    person,
    { match: false, asked: 'theirs', until: now + 13 * day, unread: 1, read_n: 0 },
    lastOf('them', ago, text, more),
  )
const sentRequest = { match: false, asked: 'mine', until: now + 13 * day } as const
const asking = (...requests: Chat[]) => ({ '/api/me/requests': { requests } })

/** The conversation of a chat without a match. */
const alone = (other: DiscoverCard, said: readonly Said[], api: Scene['api']): Scene => ({
  path: `/chats/${other.person.id}`,
  api: {
    '/api/matches': { matches: [] },
    '/api/chats': { chats: [], unread: 0 },
    [`/api/people/${other.person.id}`]: other.person,
    [`/api/chats/${other.person.id}/messages`]: pageOf(messages(said), { their_read_n: 0 }),
    ...api,
  },
})
const asked = (
  other: DiscoverCard,
  text = 'Your story about the night train: did you get to Rome?',
) =>
  alone(other, [['them', 20, text]], {
    '/api/me/requests': { requests: [request(other.person, 20, text)] },
  })
const sent = (said: readonly Said[]) =>
  alone(nora, said, {
    '/api/chats': {
      chats: [chatOf(nora.person, sentRequest, messages(said).at(-1))],
      unread: 0,
    },
  })

/** Friends who are here. */
const here = (...friends: Presence[]) => ({ '/api/presence': { people: friends } })
const inRoom = (title: string): Presence => ({
  person_id: nora.person.id,
  state: 'in_room',
  room: { id: 'r1', title },
})

/** The server has a newer client than this one, and a part of this one is gone. */
const newer = async (page: Page) => {
  const body = '<script type="module" src="/assets/index-newer.js"></script>'
  await page.route('**/?v=*', (route) => route.fulfill({ contentType: 'text/html', body }))
  await page.evaluate(() =>
    window.dispatchEvent(Object.assign(new Event('vite:preloadError'), { payload: {} })),
  )
  await page.waitForTimeout(500)
}

/** Chats: the list, conversations, and whom one talks to. */
export const chattings: Record<string, Scene> = {
  chats: list(
    [...listed, chatOf(people.sara, { at: now - 30 * minute })],
    [...everybody, plain(people.sara, -6.97)],
  ),
  'chats-asking': list(
    [...listed, chatOf(people.sara, sentRequest, lastOf('me', 50, 'Which choir was that?'))],
    everybody,
    {},
    asking(request(amira.person, 20, 'What do you hum?'), request(long.person, 80, 'Hello!')),
  ),
  'chats-asking-plain': list(
    listed,
    everybody,
    {},
    asking(request(people.neu, 20, 'What do you hum?')),
  ),
  requests: {
    path: '/chats/requests',
    api: asking(
      request(amira.person, 20, 'Your story about the night train: did you ever get to Rome?'),
      request(wei.person, 64, '周末一般去哪里爬山？'),
      request(long.person, 1500, '', aloud(12)),
      request(word.person, 1800, endless),
    ),
  },
  'requests-empty': { path: '/chats/requests', api: asking() },
  'requests-error': { path: '/chats/requests', api: { '/api/me/requests': 500 } },
  'chat-newer': talk(evening, { act: newer }),
  'chat-asked': asked(long),
  'chat-asked-word': asked(word, endless),
  'chat-request-first': sent([]),
  'chat-request-sent': sent([['me', 30, 'You said the tram sings. Which note?']]),
  'chat-request-withdraw': {
    ...sent([['me', 30, 'You said the tram sings. Which note?']]),
    act: pressing('chats.request.withdraw'),
  },
  'chats-typing': list(listed, everybody, { events: typing }),
  'chats-here': list(
    listed,
    everybody,
    {},
    here(
      inRoom('Late talk'),
      { person_id: wei.person.id, state: 'online' },
      { person_id: long.person.id, state: 'do_not_disturb' },
    ),
  ),
  'chats-matches': list([], all),
  'chats-word': list(
    [
      chatOf(word.person, { unread: 12 }, lastOf('them', 3, endless)),
      chatOf(amira.person, {}, lastOf('them', 40, 'مرحبا! سمعت أنك تحب القطارات الليلية.')),
    ],
    [match(word, 1), match(amira, 2)],
  ),
  'chats-empty': list([], []),
  'chats-error': { path: '/chats', api: { '/api/matches': 500, '/api/chats': 500 } },
  'chats-search': searching({ found, next: 'c1' }),
  'chats-search-none': searching({ found: [] }, 'lighthouse'),
  'chats-search-offline': searching('lost'),
  'chats-search-error': searching(500),
  'chats-search-loading': searching('never'),
  'chats-search-word': searching(
    { found: [foundIn(word.person, 5, endless, 'Donaudampf')] },
    `${endless}`.slice(0, 90),
  ),
  'chat-search': within({
    found: [found[0], { ...found[0], n: 12, mine: true, at: now - 1632 * minute }],
  }),
  'chat-search-open': within('never', ''),
  'chat-found': {
    ...talk(longTalk.slice(0, 50), { page: { next: 'c1', newer: true, seq: 60 } }),
    path: '/chats/p-nora?at=21',
    act: async (page) => {
      await page.locator('[data-marked]').waitFor()
    },
  },
  'chats-loading': { path: '/chats', api: { '/api/matches': 'never', '/api/chats': 'never' } },
  chat: talk(evening),
  'chat-typing': talk(evening, { events: typing }),
  'chat-here': talk(evening, { api: here({ person_id: nora.person.id, state: 'online' }) }),
  'chat-undisturbed': talk(evening, {
    api: here({ person_id: nora.person.id, state: 'do_not_disturb' }),
  }),
  'chat-in-room': talk(evening, { api: here(inRoom('Late talk')) }),
  'chat-in-room-word': talk(evening, {
    with: match(word, 2),
    api: here({ ...inRoom(endless), person_id: word.person.id }),
  }),
  'chat-fresh': talk(evening.slice(0, 8), { page: { read_n: 5, unread: 2 } }),
  'chat-scrolled': talk(longTalk, {
    page: { next: 'c1' },
    act: async (page) => {
      await page.locator('[role=log] li').first().waitFor()
      await page.waitForTimeout(300)
      await page.locator('[role=log]').evaluate((log) => log.scrollBy(0, -1200))
      await page.waitForTimeout(400)
    },
  }),
  'chat-failed': talk(evening, {
    api: { [sends]: { problem: 422, code: 'message.characters' } },
    act: sending('And bring a lemon.'),
  }),
  'chat-waiting': talk(evening, {
    api: { [sends]: 'lost' },
    act: sending('Half past ten, at the bridge?', 1900),
  }),
  'chat-greeting': talk([], {
    api: { [sends]: { problem: 422, code: 'message.greeting' } },
    act: sending('hi'),
  }),
  'chat-first': talk([]),
  'chat-voice': talk(spoken),
  'chat-voice-playing': talk(spoken, { act: playing }),
  'chat-voice-text': talk(spoken, {
    act: async (page, says) => {
      await page
        .getByRole('button', { name: says('chats.voice.text'), exact: true })
        .first()
        .click()
      await page.waitForTimeout(200)
    },
  }),
  'chat-voice-asking': { ...talk(evening, { act: speaking() }), note: 'asking' },
  'chat-voice-held': {
    ...talk(evening, {
      act: async (page, says) => {
        await page.getByRole('button', { name: says('chats.voice.record') }).hover()
        await page.mouse.down()
        await page.waitForTimeout(400)
      },
    }),
    note: 'recording',
  },
  'chat-voice-locked': { ...talk(evening, { act: speaking() }), note: 'recording' },
  'chat-voice-draft': {
    ...talk(evening, {
      act: speaking(async (page, says) => {
        await page.getByRole('button', { name: says('chats.voice.stop') }).click()
        await page.waitForTimeout(200)
      }),
    }),
    note: 'recording',
  },
  'chat-voice-discarded': {
    ...talk(evening, {
      act: speaking(async (page, says) => {
        await page.getByRole('button', { name: says('chats.voice.discard') }).click()
        await page.waitForTimeout(300)
      }),
    }),
    note: 'recording',
  },
  'chat-voice-denied': { ...talk(evening, { act: speaking() }), note: 'denied' },
  'chat-voice-menu': talk(spoken, {
    act: async (page, says) => {
      await page
        .getByRole('button', { name: named(says, 'chats.voice.play') })
        .nth(1)
        .click({ button: 'right' })
      await page.waitForTimeout(250)
    },
  }),
  'chat-player': talk(spoken, {
    act: async (page, says) => {
      await playing(page, says)
      await page.getByRole('button', { name: says('common.back') }).click()
      await page.waitForTimeout(500)
    },
  }),
  'chat-reply': talk(evening, { act: choosing('What are you doing', 'chats.message.reply') }),
  'chat-edit': talk(evening, { act: choosing('Come along?', 'chats.message.edit') }),
  'chat-menu': talk(evening, { act: menuOf('Come along?') }),
  'chat-emoji': talk(evening, { act: emoji('') }),
  'chat-emoji-none': talk(evening, { act: emoji('qqq') }),
  'chat-remove': talk(evening, { act: choosing('Come along?', 'chats.message.delete') }),
  'chat-draft': talk(evening, {
    act: writing('One\nTwo\nThree\nFour\nFive\nSix lines, of which five are in sight.'),
  }),
  'chat-long': talk(evening, { act: writing('word '.repeat(410)) }),
  'chat-rtl': talk(arabic, { with: match(amira, 2) }),
  'chat-word': talk(
    [
      ['them', 20, endless],
      ['me', 18, `https://example.org/${endless}`],
      ['them', 2, '❤️', { reply: { n: 2, mine: true, text: `https://example.org/${endless}` } }],
    ],
    { with: match(word, 1) },
  ),
  'chat-loading': talk([], { api: { '/api/chats/p-nora/messages': 'never' } }),
  'chat-error': talk([], { api: { '/api/chats/p-nora/messages': 500 } }),
  'chat-gone': { path: '/chats/p-nobody', api: { '/api/matches': { matches: [] } } },
  'chat-profile': profile({}),
  'chat-profile-no-photo': profile({}, people.me),
  'chat-profile-theirs': profile({ theirs: true }),
  'chat-profile-mine': profile({ mine: true }),
  'chat-profile-open': profile({ mine: true, theirs: true, opened_at: at, photos }),
  'chat-profile-end': { ...profile({}), act: pressing('chats.end.open') },
}
