import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type DiscoverCard, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { DiscoverPage } from './DiscoverPage'
import { type DeckState, deck } from './deck'

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.spyOn(deck, 'open').mockReturnValue()
  vi.spyOn(deck, 'settled').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const card = (person: typeof people.nora, age: number) =>
  ({
    person: { ...person, clips: [], badges: [], interests: ['jazz'], languages: ['en'] },
    age,
    intents: ['dating'],
    reasons: [{ kind: 'interests', keys: ['jazz'] }],
  }) as unknown as DiscoverCard

const deckIs = (state: Partial<DeckState>, self = people.me) => {
  const dealt = { ...deck.get(), status: 'ready' as const, likesLeft: 30, ...state }
  vi.spyOn(deck, 'get').mockReturnValue(dealt)
  const who = { status: 'in' as const, me: self }
  vi.spyOn(me, 'get').mockReturnValue(who)
  return showPage(<DiscoverPage />)
}
const two = [card(people.nora, 33), card(people.luca, 36)]
const press = (name: string) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }), { detail: 0 })
  })

it('shows one person, with their age and what both like', async () => {
  await deckIs({ cards: two })
  expect(screen.getByRole('article', { name: 'Nora, 33' })).toBeTruthy()
  expect(screen.getByText(/jazz/)).toBeTruthy()
  expect(screen.queryByText('Luca Bianchi')).toBeNull()
})

it.each([
  ['Like', 'like'],
  ['Pass', 'pass'],
] as const)('takes "%s" about whoever is on screen', async (name, choice) => {
  const choose = vi.spyOn(deck, 'choose').mockReturnValue(undefined as never)
  await deckIs({ cards: two })
  await press(name)
  expect(choose).toHaveBeenCalledExactlyOnceWith(choice)
})

it('takes no like where those of today are spent, and says so', async () => {
  await deckIs({ cards: two, likesLeft: 0 })
  expect(screen.getByRole('button', { name: 'Like' }).matches(':disabled')).toBe(true)
  expect(screen.getByText(/You’ve used today’s likes/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Pass' }).matches(':disabled')).toBe(false)
})

it('chooses by the arrow keys', async () => {
  const choose = vi.spyOn(deck, 'choose').mockReturnValue(undefined as never)
  await deckIs({ cards: two })
  await act(async () => {
    fireEvent.keyDown(document.body, { key: 'ArrowLeft' })
  })
  expect(choose).toHaveBeenCalledExactlyOnceWith('pass')
})

it('says that nobody is left, and rings when somebody new fits', async () => {
  const alert = vi.spyOn(deck, 'setAlert').mockResolvedValue(undefined as never)
  await deckIs({ cards: [] })
  expect(screen.getByRole('heading', { name: 'Nobody else fits right now' })).toBeTruthy()
  await press('Tell me when someone new fits')
  expect(alert).toHaveBeenCalledWith(true)
})

it('says what is still missing of the profile, and leads there', async () => {
  const { at } = await deckIs({ status: 'closed' }, { ...people.me, needs: ['home', 'intro'] })
  expect(screen.getAllByRole('listitem').map((one) => one.textContent)).toEqual([
    'Your town',
    expect.stringContaining('Your voice'),
  ])
  await act(async () => {
    fireEvent.click(screen.getByRole('link', { name: 'Finish my profile' }))
  })
  expect(at()).toBe('/me')
})

it('tries again when asked to', async () => {
  const again = vi.spyOn(deck, 'again').mockResolvedValue(undefined as never)
  await deckIs({ status: 'offline', problem: Problem.offline() })
  expect(screen.getByRole('heading', { name: 'No connection' })).toBeTruthy()
  await press('Try again')
  expect(again).toHaveBeenCalledOnce()
})
