import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Chat, Match, Message } from '../../api'
import { startI18n } from '../../i18n'
import { chats } from '../../realtime/chats'
import { matches } from '../../realtime/matches'
import { outgoing } from '../../realtime/outgoing'
import { emptyQueue, type Queue } from '../../realtime/queue'
import { requests } from '../../realtime/requests'
import { message } from '../../testing/messages'
import { people, showPage } from '../../testing/page'
import { ChatPage } from './ChatPage'
import { ChatsPage } from './ChatsPage'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const at = Date.UTC(2026, 2, 6, 12)
const match = (person: { id: string }, reveal: Partial<Match['reveal']> = {}) =>
  ({
    person: { ...person, clips: [], badges: [], interests: [], languages: [] },
    age: 33,
    intents: [],
    at,
    reveal: { mine: false, theirs: false, photos: [], ...reveal },
  }) as unknown as Match
const nora = people.nora
const luca = people.luca

type Status = ReturnType<typeof matches.get>['status']
function known(
  all: Match[],
  more: { status?: Status; unseen?: number } = {},
  talks: { chats?: Chat[]; status?: Status; typing?: string[] } = {},
  queue: Partial<Queue> = {},
  asking: Chat[] = [],
) {
  const state = { ...matches.get(), status: 'ready', matches: all, unseen: 0, ...more }
  vi.spyOn(matches, 'get').mockReturnValue(state as ReturnType<typeof matches.get>)
  const { typing = [], ...rest } = talks
  const list = { ...chats.get(), status: 'ready', ...rest, typing: new Set(typing) }
  vi.spyOn(chats, 'get').mockReturnValue(list as ReturnType<typeof chats.get>)
  vi.spyOn(outgoing, 'get').mockReturnValue({ ...emptyQueue, ...queue })
  vi.spyOn(requests, 'get').mockReturnValue({ status: 'ready', requests: asking })
}
const chat = (person: Chat['person'], last?: Message, more: Partial<Chat> = {}): Chat => ({
  person,
  at: last?.at ?? at,
  seq: last?.seq ?? 0,
  unread: 0,
  match: true,
  read_n: last?.n ?? 0,
  ...(last ? { last } : {}),
  ...more,
})
const row = (name: RegExp) => screen.getByRole('link', { name })

it('lists everybody, and who has offered their photos', async () => {
  known([match(nora, { theirs: true }), match(luca)])
  await showPage(<ChatsPage onQuery={() => {}} />)
  expect(row(/Nora.*Offered you their photos/)).toBeTruthy()
  expect(row(/Luca Bianchi.*Matched on/)).toBeTruthy()
})

it('shows what was said last, and whose turn it is', async () => {
  const mine = message(2, { mine: true, text: 'See you at eight' })
  const theirs = message(3, { text: 'What do you hum?' })
  known([match(nora), match(luca)], {}, { chats: [chat(nora, mine), chat(luca, theirs)] })
  await showPage(<ChatsPage onQuery={() => {}} />)
  expect(row(/Nora.*You: .?See you at eight/)).toBeTruthy()
  expect(screen.queryByRole('link', { name: /Nora.*Your turn/ })).toBeNull()
  expect(row(/Luca.*What do you hum.*Your turn/)).toBeTruthy()
})

it('says in words what is unread, and who writes', async () => {
  const news = chat(nora, message(3, { text: 'Hello there' }), { unread: 2 })
  known([match(nora), match(luca)], {}, { chats: [news, chat(luca)], typing: [luca.id] })
  await showPage(<ChatsPage onQuery={() => {}} />)
  expect(row(/Nora.*Hello there.*2 new messages/)).toBeTruthy()
  expect(row(/Luca.*Typing/)).toBeTruthy()
})

it('puts the last word first, and tells what has not been sent', async () => {
  const old = chat(nora, message(1, { at: at - 9_000_000 }))
  known(
    [match(nora), match(luca)],
    {},
    { chats: [old, chat(luca, message(1, { at }))] },
    {
      outgoing: new Map([[nora.id, [{ id: 'x', text: 'Hey', at: at + 1, state: 'failed' }]]]),
      drafts: new Map([[luca.id, { text: 'I thought' }]]),
    },
  )
  await showPage(<ChatsPage onQuery={() => {}} />)
  const [first, second] = screen.getAllByRole('link')
  expect(first?.textContent).toMatch(/Nora.*Not sent/)
  expect(second?.textContent).toMatch(/Luca.*Draft: .?I thought/)
})

it('leads to those who ask for a chat, and says which of one’s own are waiting', async () => {
  const mine = message(1, { mine: true, text: 'Which choir is that?' })
  const begun = { match: false, asked: 'mine' } as const
  known([], {}, { chats: [chat(nora, mine, begun), chat(luca, undefined, begun)] }, {}, [
    chat(people.word, message(1), { match: false, asked: 'theirs' }),
  ])
  await showPage(<ChatsPage onQuery={() => {}} />)
  expect(row(/1 person wants to chat with you/).getAttribute('href')).toBe('/chats/requests')
  expect(row(/Nora.*Which choir.*Request sent/)).toBeTruthy()
  // Begun, and nothing said: nobody has been asked yet.
  expect(screen.queryByRole('link', { name: /Luca/ })).toBeNull()
})

it('leads to the conversation with whoever was pressed', async () => {
  known([match(nora)])
  const { at: where } = await showPage(<ChatsPage onQuery={() => {}} />)
  await act(async () => {
    fireEvent.click(row(/Nora/))
  })
  expect(where()).toBe('/chats/p-nora')
})

it('marks who is new, and has seen them with that', async () => {
  const look = vi.spyOn(matches, 'look').mockReturnValue()
  known([match(nora), match(luca)], { unseen: 1 })
  await showPage(<ChatsPage onQuery={() => {}} />)
  expect(row(/Nora.*New/)).toBeTruthy()
  expect(screen.queryByRole('link', { name: /Luca.*New/ })).toBeNull()
  expect(look).toHaveBeenCalled()
})

it('sends somebody without a match to Discover', async () => {
  known([])
  const { at: where } = await showPage(<ChatsPage onQuery={() => {}} />)
  expect(screen.getByRole('heading', { name: 'No conversations yet' })).toBeTruthy()
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: 'Open Discover' }))
  })
  expect(where()).toBe('/discover')
})

it.each(['offline', 'error'] as const)('tries again when asked to after: %s', async (status) => {
  const retry = vi.spyOn(matches, 'retry').mockResolvedValue()
  const again = vi.spyOn(chats, 'retry').mockResolvedValue()
  known([], { status })
  await showPage(<ChatsPage onQuery={() => {}} />)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(retry).toHaveBeenCalledOnce()
  expect(again).toHaveBeenCalledOnce()
})

it('says of a conversation that it has ended, and leads back to the others', async () => {
  known([])
  const { at: where } = await showPage(<ChatPage person="p-nora" call={() => null} />)
  expect(screen.getByRole('heading', { name: 'This conversation has ended' })).toBeTruthy()
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: 'All conversations' }))
  })
  expect(where()).toBe('/chats')
})

it('leaves the initial of somebody who asks without an intro in its ring', async () => {
  // The classes of a test are those of the file.
  const style = document.createElement('style')
  style.textContent = readFileSync(resolve(import.meta.dirname, 'Chats.module.css'), 'utf8')
  document.head.append(style)
  known([], {}, {}, {}, [chat({ ...nora, voice: undefined } as unknown as Chat['person'])])
  await showPage(<ChatsPage onQuery={() => {}} />)
  const asks = row(/wants? to chat/)
  const words = within(asks).getByText(/wants? to chat/)
  const ring = asks.firstElementChild as Element
  expect(ring.matches('[data-initial]') || ring.querySelector('[data-initial]')).toBeTruthy()
  expect(getComputedStyle(words).flexGrow).toBe('1')
  expect(getComputedStyle(ring).flexGrow).not.toBe('1')
  style.remove()
})
