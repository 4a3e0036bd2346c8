import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, Problem } from '../../api'
import { startI18n } from '../../i18n'
import * as connection from '../../realtime/connection'
import { people, showPage } from '../../testing/page'
import { CardsPage } from './CardsPage'

let answers: Record<string, object>

beforeAll(() => startI18n('en'))
beforeEach(() => {
  answers = { '/api/me/card-offers': { received: [], given: [] }, '/api/me/cards': { cards: [] } }
  vi.spyOn(connection, 'listenOwn').mockReturnValue(() => {})
  vi.spyOn(api, 'GET').mockImplementation((async (
    path: string,
    init?: { params?: { query?: { before?: string } } },
  ) => {
    const before = init?.params?.query?.before
    const data = answers[before ? `${path}?${before}` : path]
    if (!data) throw Problem.offline()
    return { data, response: new Response() }
  }) as never)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const work = { role: 'Luthier', company: 'Bottega', links: ['https://nora.example/'], open_to: [] }
const nora = { person: people.nora, work, place: 'Wood and sound', at: Date.now() }
const kofi = { person: people.kofi, at: Date.now() - 86_400_000 }
const press = async (name: RegExp | string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }), { detail: 0 })
  })

it('lists the cards, page after page, with the way to save one or all', async () => {
  answers['/api/me/cards'] = { cards: [nora], next: 'c' }
  answers['/api/me/cards?c'] = { cards: [kofi] }
  await showPage(<CardsPage />)
  const row = within((await screen.findByText('Nora')).closest('li') as HTMLElement)
  expect(row.getByText('Luthier')).toBeTruthy()
  expect(row.getByText(/Met in .*Wood and sound.*: Today/)).toBeTruthy()
  expect(row.getByRole('link', { name: /Save to contacts: .*Nora/ }).getAttribute('href')).toMatch(
    /^\/api\/me\/cards\/p-nora\/vcard\?zone=/,
  )
  expect(screen.getByRole('link', { name: 'Save all' }).getAttribute('href')).toMatch(
    /^\/api\/me\/cards\/vcard\?zone=/,
  )
  await press('Show more')
  await screen.findByText('Kofi')
})

it('removes a card after asking', async () => {
  answers['/api/me/cards'] = { cards: [nora] }
  const remove = vi.spyOn(api, 'DELETE').mockResolvedValue({ response: new Response() } as never)
  await showPage(<CardsPage />)
  await screen.findByText('Nora')
  await press(/Remove the card from/)
  const dialog = within(await screen.findByRole('alertdialog'))
  expect(remove).not.toHaveBeenCalled()
  // What is dangerous counts once it has been there for a moment.
  await act(async () => new Promise((done) => setTimeout(done, 700)))
  answers['/api/me/cards'] = { cards: [] }
  await act(async () => {
    fireEvent.click(dialog.getByRole('button', { name: 'Remove' }), { detail: 0 })
  })
  expect(remove).toHaveBeenCalledWith('/api/me/cards/{person}', {
    params: { path: { person: 'p-nora' } },
  })
  await screen.findByRole('heading', { name: 'No cards yet' })
})

it('shows the offers of both directions, and ignores one', async () => {
  const offer = (person: object) => ({ person, place: 'Wood and sound', at: 0, until: 1 })
  answers['/api/me/card-offers'] = { received: [offer(people.nora)], given: [offer(people.kofi)] }
  await showPage(<CardsPage />)
  await screen.findByRole('heading', { name: 'For you' })
  expect(screen.getByRole('button', { name: /Exchange cards: .*Nora/ })).toBeTruthy()
  expect(screen.getByRole('button', { name: /Take it back: .*Kofi/ })).toBeTruthy()
  const remove = vi.spyOn(api, 'DELETE').mockResolvedValue({ response: new Response() } as never)
  await press(/Ignore: .*Nora/)
  expect(remove).toHaveBeenCalledWith('/api/me/card-offers/{person}', {
    params: { path: { person: 'p-nora' } },
  })
})

it('tries again when the list did not load', async () => {
  const list = answers['/api/me/cards'] as object
  delete answers['/api/me/cards']
  await showPage(<CardsPage />)
  await screen.findByRole('button', { name: 'Try again' })
  answers['/api/me/cards'] = list
  await press('Try again')
  await screen.findByRole('heading', { name: 'No cards yet' })
})
