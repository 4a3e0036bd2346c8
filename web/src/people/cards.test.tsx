import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, type CardStanding, me, type OwnEvent, Problem } from '../api'
import { startI18n } from '../i18n'
import * as connection from '../realtime/connection'
import { people, showPage } from '../testing/page'
import { CardButton } from './CardButton'

let standing: CardStanding | undefined
let own: connection.OwnListener | undefined

beforeAll(() => startI18n('en'))
beforeEach(() => {
  standing = { state: 'none', can_offer: true }
  vi.spyOn(connection, 'listenOwn').mockImplementation((listener) => {
    own = listener
    return () => {}
  })
  vi.spyOn(api, 'GET').mockImplementation((async () => {
    if (!standing) throw Problem.offline()
    return { data: standing, response: new Response() }
  }) as never)
  const mara = { status: 'in' as const, me: people.me }
  vi.spyOn(me, 'get').mockReturnValue(mara)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const show = (person = people.nora) => showPage(<CardButton person={person} />)
const press = async (name: string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })
const said = () => screen.queryByRole('status')?.textContent?.replaceAll(/[\u2068\u2069]/g, '')

it('offers a card, and takes the offer back', async () => {
  const put = vi.spyOn(api, 'PUT').mockImplementation((async () => {
    standing = { state: 'offered', can_offer: false, until: 1 }
    return { data: standing, response: new Response() }
  }) as never)
  const remove = vi.spyOn(api, 'DELETE').mockImplementation((async () => {
    standing = { state: 'none', can_offer: true }
    return { response: new Response() }
  }) as never)
  await show()
  expect(await screen.findByText(/only has your name/)).toBeTruthy()
  await press('Exchange cards')
  const of = { params: { path: { person: 'p-nora' } } }
  expect(put).toHaveBeenCalledWith('/api/people/{person}/card', of)
  expect(said()).toBe('Nora can see your offer for a day.')
  await press('Take it back')
  expect(remove).toHaveBeenCalledWith('/api/people/{person}/card', of)
  expect(await screen.findByRole('button', { name: 'Exchange cards' })).toBeTruthy()
})

it('answers an offer that comes while it is open, and saves the card', async () => {
  await show()
  await screen.findByRole('button', { name: 'Exchange cards' })
  standing = { state: 'received', can_offer: false }
  await act(async () => own?.event({ type: 'cards' } as OwnEvent))
  await screen.findByRole('button', { name: 'Ignore' })
  expect(said()).toBe('Nora offers you their card.')
  vi.spyOn(api, 'PUT').mockImplementation((async () => {
    standing = { state: 'exchanged', can_offer: false }
    return { data: standing, response: new Response() }
  }) as never)
  await press('Exchange cards')
  const link = screen.getByRole('link', { name: 'Save to contacts' })
  expect(link.getAttribute('href')).toMatch(/^\/api\/me\/cards\/p-nora\/vcard\?zone=/)
})

it('says why an offer was refused', async () => {
  vi.spyOn(api, 'PUT').mockRejectedValue(Problem.offline())
  await show()
  await screen.findByRole('button', { name: 'Exchange cards' })
  await press('Exchange cards')
  expect(screen.getByRole('alert').textContent).toContain('no connection')
})

it('is not there for oneself, a resident, people one has not met, and without an answer', async () => {
  await show(people.mara)
  await show(people.luca)
  standing = { state: 'none', can_offer: false }
  await show()
  standing = undefined
  await show(people.kofi)
  expect(screen.queryByRole('button')).toBeNull()
})
