import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, type FoundMessage, type FoundMessages, type Match, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { chats } from '../../realtime/chats'
import { matches } from '../../realtime/matches'
import { people, showPage } from '../../testing/page'
import { ChatsPage } from './ChatsPage'
import { segments } from './Results'
import { SearchPage } from './SearchPage'

const { nora, luca } = people
const match = (person: { id: string }) =>
  ({
    person: { ...person, clips: [], badges: [], interests: [], languages: [] },
    age: 33,
    intents: [],
    at: 0,
    reveal: { mine: false, theirs: false, photos: [] },
  }) as unknown as Match
const hit = (person: FoundMessage['person'], more: Partial<FoundMessage> = {}): FoundMessage => ({
  person,
  id: `m-${more.n ?? 7}`,
  n: 7,
  mine: false,
  at: Date.UTC(2026, 2, 6, 12),
  excerpt: 'A lighthouse 🗼 by night',
  marks: [{ from: 2, to: 12 }],
  ...more,
})

type Asked = { q: string; person?: string; before?: string }
let asked: Asked[]
let server: (query: Asked) => Promise<FoundMessages>

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  asked = []
  server = async () => ({ found: [hit(nora)] })
  const state = {
    ...matches.get(),
    status: 'ready',
    matches: [match(nora), match(luca)],
    unseen: 0,
  }
  vi.spyOn(matches, 'get').mockReturnValue(state as ReturnType<typeof matches.get>)
  const list = { ...chats.get(), status: 'ready' }
  vi.spyOn(chats, 'get').mockReturnValue(list as ReturnType<typeof chats.get>)
  vi.spyOn(api, 'GET').mockImplementation((async (
    path: string,
    { params }: { params: { query: Asked } },
  ) => {
    if (path !== '/api/chats/search') throw new Error(path)
    asked.push(params.query)
    return { data: await server(params.query) }
  }) as never)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

/** Time passes, and what was asked meanwhile is answered. */
const rest = async (ms = 250) => {
  for (const step of [ms, 20, 20]) await act(() => vi.advanceTimersByTimeAsync(step))
}
const field = () => screen.getByRole('searchbox')
const type = (value: string) => fireEvent.change(field(), { target: { value } })
const results = () => screen.getAllByRole('link').map((link) => link.textContent)

it('asks when somebody has stopped typing, and marks what was found', async () => {
  const typed: string[] = []
  await showPage(<ChatsPage onQuery={(text) => typed.push(text)} />)
  type('l')
  type('li')
  await rest(50)
  type('lig')
  expect(asked).toEqual([])
  await rest()
  expect(asked.map(({ q }) => q)).toEqual(['lig'])
  expect(typed).toEqual(['l', 'li', 'lig'])
  const row = screen.getByRole('link', { name: /Nora.*lighthouse/ })
  expect(row.querySelector('mark')?.textContent).toBe('lighthouse')
  expect(row.getAttribute('href')).toContain(`/chats/${nora.id}?at=7`)
  type('')
  await rest()
  expect(screen.getAllByRole('link')).toHaveLength(2)
})

it('shows the answer to what stands in the field, whichever comes last', async () => {
  const answers = new Map<string, (found: FoundMessages) => void>()
  server = ({ q }) => new Promise((done) => answers.set(q, done))
  await showPage(<ChatsPage onQuery={() => {}} />)
  type('first')
  await rest()
  type('second')
  await rest()
  await act(async () => answers.get('second')?.({ found: [hit(luca, { n: 2 })] }))
  await act(async () => answers.get('first')?.({ found: [hit(nora)] }))
  await rest()
  expect(results()).toHaveLength(1)
  expect(results()[0]).toContain('Luca')
})

it('says that nothing was found, and goes on where the server came only part of the way', async () => {
  server = async ({ before }) => (before ? { found: [] } : { found: [], next: 'c1' })
  await showPage(<ChatsPage query="needle" onQuery={() => {}} />)
  await rest()
  await rest()
  expect(asked.map(({ before }) => before)).toEqual([undefined, 'c1'])
  expect(screen.getByText(/Nothing found for .*needle/)).toBeTruthy()
})

it('tells a lost line from a query that cannot be, and tries again', async () => {
  server = async () => {
    throw new Problem({ code: 'offline', status: 0, detail: '' })
  }
  await showPage(<ChatsPage query="needle" onQuery={() => {}} />)
  await rest()
  expect(screen.getByText('The search didn’t work')).toBeTruthy()
  server = async () => ({ found: [hit(nora)] })
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Try again' })))
  await rest()
  expect(results()).toHaveLength(1)
  server = async () => {
    throw new Problem({ code: 'search.empty', status: 422, detail: '' })
  }
  type('?!')
  await rest()
  expect(screen.getByText('Type a word or an emoji to search for.')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
})

it('searches one conversation, says who, and shows more', async () => {
  server = async ({ before }) =>
    before
      ? { found: [hit(nora, { n: 1, mine: true })] }
      : { found: [hit(nora, { n: 9 })], next: 'c9' }
  await showPage(<SearchPage person={nora.id} query="light" onQuery={() => {}} />)
  await rest()
  expect(asked[0]).toMatchObject({ q: 'light', person: nora.id })
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Show more' })))
  await rest()
  expect(results()).toHaveLength(2)
  expect(results()[1]).toMatch(/^You/)
  fireEvent.keyDown(field(), { key: 'ArrowUp' })
  field().focus()
  fireEvent.keyDown(field(), { key: 'ArrowDown' })
  expect(document.activeElement?.tagName).toBe('A')
})

it('cuts an excerpt at its marks, with emoji before them', () => {
  const parts = segments('🙂 ab cd', [
    { from: 3, to: 5 },
    { from: 6, to: 8 },
  ])
  expect(parts.map(({ text, found }) => (found ? `[${text}]` : text)).join('')).toBe('🙂 [ab] [cd]')
})
