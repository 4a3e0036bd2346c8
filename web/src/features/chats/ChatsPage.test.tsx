import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { Match } from '../../api'
import { startI18n } from '../../i18n'
import { matches } from '../../realtime/matches'
import { people, showPage } from '../../testing/page'
import { ChatPage } from './ChatPage'
import { ChatsPage } from './ChatsPage'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const match = (person: Match['person'], reveal: Partial<Match['reveal']> = {}) =>
  ({
    person,
    age: 33,
    intents: [],
    at: Date.UTC(2026, 2, 6, 12),
    reveal: { mine: false, theirs: false, photos: [], ...reveal },
  }) as unknown as Match
const nora = { ...people.nora, clips: [], badges: [], interests: [], languages: [] }
const luca = { ...people.luca, clips: [], badges: [], interests: [], languages: [] }

type Status = ReturnType<typeof matches.get>['status']
const known = (all: Match[], more: { status?: Status; unseen?: number } = {}) => {
  const state = { ...matches.get(), status: 'ready', matches: all, unseen: 0, ...more }
  vi.spyOn(matches, 'get').mockReturnValue(state as ReturnType<typeof matches.get>)
}

it('lists everybody, and who has offered their photos', async () => {
  known([match(nora as never, { theirs: true }), match(luca as never)])
  await showPage(<ChatsPage />)
  expect(screen.getByRole('link', { name: /Nora.*Offered you their photos/ })).toBeTruthy()
  expect(screen.getByRole('link', { name: /Luca Bianchi.*Matched on/ })).toBeTruthy()
})

it('leads to the conversation with whoever was pressed', async () => {
  known([match(nora as never)])
  const { at } = await showPage(<ChatsPage />)
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: /Nora/ }))
  })
  expect(at()).toBe('/chats/p-nora')
})

it('marks who is new, and has seen them with that', async () => {
  const look = vi.spyOn(matches, 'look').mockReturnValue()
  known([match(nora as never), match(luca as never)], { unseen: 1 })
  await showPage(<ChatsPage />)
  expect(screen.getByRole('link', { name: /Nora.*New/ })).toBeTruthy()
  expect(screen.queryByRole('link', { name: /Luca.*New/ })).toBeNull()
  expect(look).toHaveBeenCalled()
})

it('sends somebody without a match to Discover', async () => {
  known([])
  const { at } = await showPage(<ChatsPage />)
  expect(screen.getByRole('heading', { name: 'No conversations yet' })).toBeTruthy()
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: 'Open Discover' }))
  })
  expect(at()).toBe('/discover')
})

it.each(['offline', 'error'] as const)('tries again when asked to after: %s', async (status) => {
  const retry = vi.spyOn(matches, 'retry').mockResolvedValue()
  known([], { status })
  await showPage(<ChatsPage />)
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(retry).toHaveBeenCalledOnce()
})

it('says of a conversation that it has ended, and leads back to the others', async () => {
  known([])
  const { at } = await showPage(<ChatPage person="p-nora" call={() => null} />)
  expect(screen.getByRole('heading', { name: 'This conversation has ended' })).toBeTruthy()
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: 'All conversations' }))
  })
  expect(at()).toBe('/chats')
})
