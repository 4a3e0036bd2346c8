import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { bonds } from '../../realtime/bonds'
import { people, showPage } from '../../testing/page'
import { PeoplePage } from './PeoplePage'

let answers: Record<string, object>
let asked: { path: string; before: string | undefined }[]

beforeAll(() => startI18n('en'))
beforeEach(() => {
  asked = []
  answers = {}
  vi.spyOn(api, 'GET').mockImplementation((async (
    path: string,
    init?: { params?: { query?: { before?: string } } },
  ) => {
    const before = init?.params?.query?.before
    asked.push({ path, before })
    const data = answers[before ? `${path}?${before}` : path]
    if (!data) throw Problem.offline()
    return { data, response: new Response() }
  }) as never)
  const state = {
    status: 'ready' as const,
    following: new Set(['p-nora']),
    friends: new Set(['p-nora']),
    going: new Map(),
    changes: 0,
  }
  vi.spyOn(bonds, 'start').mockReturnValue(() => {})
  vi.spyOn(bonds, 'get').mockReturnValue(state)
  const mara = { status: 'in' as const, me: people.me }
  vi.spyOn(me, 'get').mockReturnValue(mara)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const show = (list: 'following' | 'followers' | 'friends', onList = vi.fn()) =>
  showPage(<PeoplePage list={list} onList={onList} />)
const press = async (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }), { detail: 0 })
  })

it('lists whom one follows, page after page', async () => {
  answers = {
    '/api/me/following': { people: [people.nora, people.kofi], next: 'c' },
    '/api/me/following?c': { people: [people.wei] },
  }
  await show('following')
  await screen.findByText('Kofi')
  await press('Show more')
  await screen.findByText('陈思远')
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull()
  expect(screen.getAllByRole('button', { name: /ollow/ })).toHaveLength(3)
})

it('says who of one’s followers is a friend, and removes one after asking', async () => {
  answers = { '/api/me/followers': { people: [people.nora, people.kofi] } }
  const remove = vi.spyOn(api, 'DELETE').mockResolvedValue({ response: new Response() } as never)
  await show('followers')
  const row = (await screen.findByText('Nora')).closest('li')
  expect(within(row as HTMLElement).getByText('Friends')).toBeTruthy()
  await press(/Remove.*Kofi/)
  const dialog = within(await screen.findByRole('alertdialog'))
  expect(remove).not.toHaveBeenCalled()
  // What is dangerous counts once it has been there for a moment.
  await act(async () => new Promise((done) => setTimeout(done, 700)))
  await act(async () => {
    fireEvent.click(dialog.getByRole('button', { name: 'Remove' }), { detail: 0 })
  })
  expect(remove).toHaveBeenCalledWith('/api/me/followers/{person}', {
    params: { path: { person: 'p-kofi' } },
  })
  expect(screen.queryByRole('alertdialog')).toBeNull()
})

it('goes to another list', async () => {
  answers = { '/api/me/friends': { people: [] } }
  const onList = vi.fn()
  await show('friends', onList)
  await screen.findByRole('heading', { name: 'No friends here yet' })
  fireEvent.click(screen.getByRole('radio', { name: 'Followers' }))
  expect(onList).toHaveBeenCalledWith('followers')
})

it('tries again when a list did not load', async () => {
  await show('following')
  answers = { '/api/me/following': { people: [people.nora] } }
  await screen.findByRole('button', { name: 'Try again' })
  await press('Try again')
  await screen.findByText('Nora')
})
