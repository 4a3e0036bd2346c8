import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { bonds } from '../../realtime/bonds'
import { type LobbyState, lobby } from '../../realtime/lobby'
import { people, showPage } from '../../testing/page'
import { Toaster } from '../../ui'
import { preview } from '../../voice/preview'
import { session } from '../../voice/session'
import { LobbyPage } from './LobbyPage'

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
  vi.spyOn(bonds, 'start').mockReturnValue(() => {})
  const mara = { status: 'in' as const, me: people.me }
  vi.spyOn(me, 'get').mockReturnValue(mara)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const lobbyIs = (state: LobbyState) => {
  vi.spyOn(lobby, 'get').mockReturnValue(state)
  return showPage(<LobbyPage />)
}
const rooms = { status: 'ready' as const, cards: people.cards }

it('greets by name, and says how many rooms are open', async () => {
  await lobbyIs(rooms)
  expect(screen.getByRole('heading', { level: 1 }).textContent).toContain('Mara')
  expect(screen.getByText(/6 rooms open/)).toBeTruthy()
})

it('shows every room once, the first with a way in that its title describes', async () => {
  await lobbyIs(rooms)
  for (const { title } of people.cards) {
    expect(screen.getAllByRole('heading', { name: title })).toHaveLength(1)
  }
  const listen = screen.getByRole('link', { name: 'Listen in' })
  const described = document.getElementById(listen.getAttribute('aria-describedby') ?? '')
  expect(people.cards.map((card) => card.title)).toContain(described?.textContent)
})

it('leads into the room that was pressed', async () => {
  const { at } = await lobbyIs(rooms)
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: /Derby night/ }), { detail: 0 })
  })
  expect(at()).toBe('/rooms/r-sport')
})

it('shows the rooms of one topic, and says where there are none', async () => {
  await lobbyIs(rooms)
  const topics = within(screen.getByRole('group', { name: 'Topic' }))
  fireEvent.click(topics.getByRole('radio', { name: 'Sport' }))
  expect(screen.getByRole('heading', { name: 'Derby night, second half' })).toBeTruthy()
  expect(screen.queryByRole('heading', { name: 'First hires: what we got wrong' })).toBeNull()
  fireEvent.click(topics.getByRole('radio', { name: 'Games' }))
  expect(screen.getByRole('heading', { name: 'No room for “Games” right now' })).toBeTruthy()
  fireEvent.click(topics.getByRole('radio', { name: 'All' }))
  expect(screen.getByRole('heading', { name: 'First hires: what we got wrong' })).toBeTruthy()
})

it('offers to start a room where none is open', async () => {
  await lobbyIs({ status: 'ready', cards: [] })
  expect(screen.getByRole('heading', { name: 'It’s quiet in here' })).toBeTruthy()
  const [start] = screen.getAllByRole('button', { name: 'Start a room' })
  if (start) fireEvent.click(start)
  const dialog = within(await screen.findByRole('dialog', { name: 'Start a room' }))
  expect(dialog.getByRole('textbox', { name: 'What is it about?' })).toBeTruthy()
})

it('keeps the rooms on screen while there is no connection, and says so', async () => {
  await lobbyIs({ status: 'offline', cards: people.cards })
  expect(screen.getByRole('status').textContent).not.toBe('')
  expect(screen.getByRole('heading', { name: 'Derby night, second half' })).toBeTruthy()
})

it.each(['offline', 'error'] as const)('tries again when asked to after: %s', async (status) => {
  const retry = vi.spyOn(lobby, 'retry').mockResolvedValue()
  await lobbyIs({ status, cards: [] })
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(retry).toHaveBeenCalledOnce()
})

it('sends one first to whom one knows, and says so', async () => {
  const state = {
    status: 'ready' as const,
    following: new Set(['p-kofi']),
    friends: new Set<string>(),
    going: new Map(),
    changes: 0,
  }
  vi.spyOn(bonds, 'get').mockReturnValue(state)
  await lobbyIs(rooms)
  const listen = screen.getByRole('link', { name: 'Listen in' })
  const described = document.getElementById(listen.getAttribute('aria-describedby') ?? '')
  expect(described?.textContent).toBe('Derby night, second half')
  expect(screen.getByText(/Kofi.* is on stage/)).toBeTruthy()
  expect(screen.getByRole('region', { name: 'Friends and people you follow' })).toBeTruthy()
})

/** Presses a pointer on a row's link, and holds it. */
function press(link: HTMLElement) {
  fireEvent.pointerDown(link, { button: 0, isPrimary: true, clientX: 5, clientY: 5 })
}
/** Lets go of it, with the click that browsers make of that. */
async function release(link: HTMLElement) {
  await act(async () => {
    fireEvent.pointerUp(link)
    fireEvent.click(link, { detail: 1 })
  })
}
const held = () => act(() => new Promise<void>((done) => void setTimeout(done, 400)))

it('plays a room while its card is held, and enters nothing with the release', async () => {
  const start = vi.spyOn(preview, 'start').mockResolvedValue(undefined)
  const stop = vi.spyOn(preview, 'stop').mockReturnValue()
  const join = vi.spyOn(session, 'join').mockResolvedValue()
  const { at } = await lobbyIs(rooms)
  const link = screen.getByRole('link', { name: /Derby night/ })
  press(link)
  expect(start).not.toHaveBeenCalled()
  await held()
  expect(start).toHaveBeenCalledExactlyOnceWith('r-sport')
  expect(stop).not.toHaveBeenCalled()
  await release(link)
  expect(stop).toHaveBeenCalledOnce()
  expect(join).not.toHaveBeenCalled()
  expect(at()).toBe('/page')
})

it('plays nothing where a finger only scrolls', async () => {
  const start = vi.spyOn(preview, 'start').mockResolvedValue(undefined)
  await lobbyIs(rooms)
  const link = screen.getByRole('link', { name: /Derby night/ })
  press(link)
  fireEvent.pointerMove(link, { clientX: 5, clientY: 40 })
  await held()
  expect(start).not.toHaveBeenCalled()
})

it('plays a room with the space bar', async () => {
  const start = vi.spyOn(preview, 'start').mockResolvedValue(undefined)
  const stop = vi.spyOn(preview, 'stop').mockReturnValue()
  await lobbyIs(rooms)
  const link = screen.getByRole('link', { name: /Derby night/ })
  expect(link.getAttribute('aria-description')).toContain('Space')
  fireEvent.keyDown(link, { key: ' ' })
  expect(start).toHaveBeenCalledExactlyOnceWith('r-sport')
  fireEvent.keyDown(link, { key: ' ', repeat: true })
  expect(start).toHaveBeenCalledOnce()
  expect(stop).not.toHaveBeenCalled()
})

it('shows how much of a preview has passed on the card it is of', async () => {
  vi.spyOn(preview, 'get').mockReturnValue({ status: 'playing', roomId: 'r-sport' })
  vi.spyOn(preview, 'stop').mockReturnValue()
  await lobbyIs(rooms)
  const playing = document.querySelectorAll('[data-status="playing"]')
  expect(playing).toHaveLength(1)
  expect(playing[0]?.parentElement?.textContent).toContain('Derby night')
})

it('says why a room is not to be heard from outside', async () => {
  const spent = new Problem({ code: 'listen.previews_spent', status: 429, detail: 'spent' })
  const start = vi.spyOn(preview, 'start').mockResolvedValue(spent)
  vi.spyOn(lobby, 'get').mockReturnValue(rooms)
  await showPage(
    <>
      <LobbyPage />
      <Toaster />
    </>,
  )
  await act(async () => {
    fireEvent.keyDown(screen.getByRole('link', { name: 'Listen in' }), { key: ' ' })
  })
  expect(screen.getByText('You’ve listened in enough. Join the room to hear more.')).toBeTruthy()
  // A finger that rests is no tap yet: the browser refuses when it is to play.
  start.mockResolvedValue(undefined)
  vi.spyOn(preview, 'get').mockReturnValue({ status: 'none', why: 'blocked' })
  await act(async () => {
    fireEvent.keyDown(screen.getByRole('link', { name: 'Listen in' }), { key: ' ' })
  })
  expect(screen.getByText('Your browser won’t play sound until you tap.')).toBeTruthy()
  vi.spyOn(preview, 'get').mockReturnValue({ status: 'none', why: 'gone' })
  await act(async () => {
    fireEvent.keyDown(screen.getByRole('link', { name: 'Listen in' }), { key: ' ' })
  })
  expect(screen.getByText('You can’t hear this room any more.')).toBeTruthy()
})
