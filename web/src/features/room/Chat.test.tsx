import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, me, Problem, type Room } from '../../api'
import { startI18n } from '../../i18n'
import { forgetDraft, RoomChat, roomChat } from '../../realtime/roomChat'
import { withoutTalk } from '../../realtime/roomTalk'
import { people, showPage } from '../../testing/page'
import { session } from '../../voice/session'
import { addressOf } from './PinnedLink'
import { RoomPage } from './RoomPage'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

let roomId = ''
let rooms = 0
/** What is told on the channel of the room. */
const told = (event: object) =>
  act(async () => {
    withoutTalk(roomId, { event() {}, missed() {} }).event(event as never)
  })
const written = (text: string, more: object = {}) => ({
  id: `m-${text}`,
  person: people.nora,
  text,
  at: 1000,
  ...more,
})
let messages: object[] = []
const put = vi.fn()

beforeEach(() => {
  // Drafts are kept by room: each test is in another one.
  roomId = `r-${rooms++}`
  sessionStorage.clear()
  messages = []
  vi.spyOn(api, 'GET').mockImplementation((async () => ({ data: { messages } })) as never)
  put.mockReset()
  vi.spyOn(api, 'PUT').mockImplementation(put as never)
})

async function enter(you: typeof people.listening, more: Partial<Room> = {}) {
  const room = { ...people.room(you), ...more, id: roomId }
  vi.spyOn(session, 'get').mockReturnValue({
    status: 'live',
    roomId,
    room,
    you,
    connection: 'connected',
    mic: 'off',
    playback: 'ok',
  })
  await showPage(<RoomPage roomId={roomId} />)
}
const press = (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })
const chat = () => within(screen.getByTestId('room-chat'))
const field = () => chat().getByRole<HTMLTextAreaElement>('textbox', { name: 'Write to the room' })
const type = (value: string) =>
  act(async () => {
    fireEvent.change(field(), { target: { value, selectionStart: value.length } })
  })

it('counts what is written while nobody looks, and says that one is mentioned', async () => {
  vi.spyOn(me, 'get').mockReturnValue({ status: 'in', me: people.me })
  await enter(people.listening)
  await told({ type: 'message', message: written('One') })
  await told({ type: 'message', message: written('Mine', { person: people.mara }) })
  expect(screen.getByRole('button', { name: /^Chat/ }).textContent).toContain('1')
  await told({ type: 'message', message: written('Two', { mentioned: true }) })
  expect(screen.getByRole('button', { name: /one mentions you/ })).toBeTruthy()
  await press(/^Chat/)
  expect(screen.getByRole('button', { name: 'Chat' }).textContent).toBe('Chat')
})

it('shows what was written, and takes away what is deleted', async () => {
  messages = [written('Hello')]
  await enter(people.listening)
  await press('Chat')
  expect(chat().getByText('Hello')).toBeTruthy()
  await told({
    type: 'message',
    message: written('And you?', { id: 'm2', at: 2000, mentioned: true }),
  })
  expect(chat().getByText('And you?').closest('li')?.dataset.mentioned).toBe('true')
  await told({ type: 'message_deleted', id: 'm2', deleted: 'co_host' })
  expect(chat().queryByText('And you?')).toBeNull()
  expect(chat().getByText('Deleted by a co-host')).toBeTruthy()
})

it('keeps what is being written when it could not be sent, and when the chat is closed', async () => {
  put.mockRejectedValueOnce(Problem.offline())
  await enter(people.listening)
  await press('Chat')
  expect(chat().getByText('Say something to the room.')).toBeTruthy()
  await type('Hello all')
  await press('Send')
  expect(field().value).toBe('Hello all')
  await press('Close the chat')
  await press('Chat')
  expect(field().value).toBe('Hello all')
  const first = put.mock.calls[0]?.[1].params.path.message
  put.mockResolvedValueOnce({ data: written('Hello all', { person: people.mara }) })
  await press('Send')
  expect(put.mock.calls[1]?.[1].params.path.message).toBe(first)
  expect(field().value).toBe('')
})

it('mentions who was chosen, and only as long as the name stands there', async () => {
  put.mockResolvedValue({ data: written('x', { person: people.mara }) })
  await enter(people.listening)
  await press('Chat')
  await type('Hi @no')
  await act(async () => {
    fireEvent.keyDown(field(), { key: 'Enter' })
  })
  expect(field().value).toBe('Hi @Nora ')
  await press('Send')
  expect(put.mock.calls[0]?.[1].body).toEqual({ text: 'Hi @Nora', mentions: ['p-nora'] })
  await type('@lu')
  await act(async () => {
    fireEvent.click(screen.getByRole('option', { name: /Luca/ }))
  })
  await type('never mind')
  await press('Send')
  expect(put.mock.calls[1]?.[1].body).toEqual({ text: 'never mind' })
})

it('says for how long one waits in slow mode, and hosts do not', async () => {
  put.mockRejectedValueOnce(
    new Problem({ code: 'room.slow', status: 429, detail: '', retryAfter: 12 }),
  )
  await enter(people.listening, { slow_seconds: 30 })
  await press('Chat')
  await type('Too soon')
  await press('Send')
  expect(chat().getByText('You can write again in 12 s.')).toBeTruthy()
  await press('Send')
  expect(put).toHaveBeenCalledTimes(1)
})

it('says why nobody writes: it is off, or a host has muted them', async () => {
  await enter(people.listening, { chat: 'off' })
  await press('Chat')
  expect(chat().getByText('The chat is off.')).toBeTruthy()
  expect(chat().queryByRole('textbox')).toBeNull()
})

it('tells who is muted in the chat', async () => {
  await enter({ ...people.listening, chat_muted: true })
  await press('Chat')
  expect(chat().getByText('A host has muted you in the chat.')).toBeTruthy()
})

it('lets hosts delete and mute, and others neither', async () => {
  messages = [written('Hello', { person: people.luca })]
  await enter(people.asHost)
  await press('Chat')
  await press(/^Options/)
  expect(screen.getByRole('button', { name: 'Delete message' })).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Mute in the chat' })).toBeTruthy()
})

it('lets a listener report and not delete what others wrote', async () => {
  messages = [written('Hello', { person: people.luca })]
  await enter(people.listening)
  await press('Chat')
  await press(/^Options/)
  expect(screen.queryByRole('button', { name: 'Delete message' })).toBeNull()
  expect(screen.getByRole('button', { name: /Block or report/ })).toBeTruthy()
})

it('shows reactions and how many people clap', async () => {
  vi.stubGlobal('CSS', { escape: (s: string) => s })
  await enter(people.listening)
  await told({ type: 'reaction', person_id: 'p-nora', emoji: '🔥' })
  expect(document.body.textContent).toContain('🔥')
  vi.spyOn(await import('../../voice/applause'), 'clap').mockReturnValue(undefined)
  await told({ type: 'reactions', counts: [{ emoji: '👏', people: 3 }] })
  expect(screen.getByTestId('applause').textContent).toContain('3')
})

it('shows where the pinned link leads', async () => {
  await enter(people.listening, { link: 'https://www.example.org/a/b?c=d' })
  const link = screen.getByRole('link', { name: /^Pinned link ?www.example.org/ })
  expect(link.getAttribute('href')).toBe('https://www.example.org/a/b?c=d')
  expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
})

it('takes an address as people type it, and no other scheme', () => {
  expect(addressOf('example.org/a')).toBe('https://example.org/a')
  expect(addressOf(' https://bücher.example ')).toBe('https://xn--bcher-kva.example/')
  expect(addressOf('')).toBe('')
  for (const bad of ['http://example.org', 'javascript:alert(1)', 'hello', 'https://']) {
    expect(addressOf(bad)).toBeUndefined()
  }
})

/** A list that is higher than what is seen of it. */
function high(): HTMLElement {
  const list = chat().getByRole('region', { name: 'Messages' })
  Object.defineProperties(list, {
    scrollHeight: { value: 2000, configurable: true },
    clientHeight: { value: 400, configurable: true },
  })
  list.scrollTop = 0
  fireEvent.scroll(list)
  return list
}

it('shows one’s own message, also to whoever was reading what came before', async () => {
  await enter(people.listening)
  await press('Chat')
  const list = high()
  await told({ type: 'message', message: written('Theirs', { at: 1000 }) })
  expect(list.scrollTop).toBe(0)
  await told({ type: 'message', message: written('Mine', { at: 2000, person: people.mara }) })
  expect(list.scrollTop).toBe(2000)
})

it('keeps what is begun over a reload, until it is sent or its person has left', async () => {
  await enter(people.listening)
  await press('Chat')
  await type('Two half mess')
  const again = new RoomChat(roomId)
  expect(again.draft.get().text).toBe('Two half mess')
  expect(again.draft.get().id, 'sent twice, it is there once').toBe(roomChat(roomId).draft.get().id)
  expect(new RoomChat('r-other').draft.get().text).toBe('')
  forgetDraft('r-other')
  expect(new RoomChat(roomId).draft.get().text).toBe('Two half mess')
  forgetDraft(roomId)
  expect(new RoomChat(roomId).draft.get().text).toBe('')

  await type('Hello')
  put.mockResolvedValue({ data: written('Hello', { person: people.mara }) })
  await press('Send')
  expect(new RoomChat(roomId).draft.get().text).toBe('')
})

it('knows after a reload for how long one waits', async () => {
  roomChat(roomId).waits.set(Date.now() + 30_000)
  expect(new RoomChat(roomId).waits.get()).toBeGreaterThan(Date.now())
})

it('begins with nothing where what was kept is not to be read', () => {
  for (const kept of ['{', '3', JSON.stringify({ room: roomId, text: 3, mentions: null })]) {
    sessionStorage.setItem('heyy.room_draft', kept)
    expect(new RoomChat(roomId).draft.get().text).toBe('')
  }
})

it('gives the focus back to its button as soon as that is seen again', async () => {
  await enter(people.listening)
  await press('Chat')
  const button = screen.getByRole('button', { name: 'Chat' })
  const hidden: boolean[] = []
  button.addEventListener('focus', () => hidden.push(button.closest('[data-chat]') !== null))
  await press('Close the chat')
  expect(hidden).toEqual([false])
})
