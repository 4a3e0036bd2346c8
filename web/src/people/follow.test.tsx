import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { me, Problem } from '../api'
import { startI18n } from '../i18n'
import { bonds } from '../realtime/bonds'
import { lobby } from '../realtime/lobby'
import { people, showPage } from '../testing/page'
import { Toaster } from '../ui'
import { FollowButton } from './FollowButton'
import { LivePeople } from './LivePeople'

const known = {
  following: new Set<string>(),
  friends: new Set<string>(),
  going: new Map(),
  changes: 0,
}

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.spyOn(bonds, 'start').mockReturnValue(() => {})
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
  const mara = { status: 'in' as const, me: people.me }
  vi.spyOn(me, 'get').mockReturnValue(mara)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const bondsAre = (more: object = {}) => {
  const state = { ...known, status: 'ready' as const, ...more }
  vi.spyOn(bonds, 'get').mockReturnValue(state)
}
const show = (inList = false) =>
  showPage(
    <>
      <FollowButton person={people.nora} inList={inList} />
      <Toaster />
    </>,
  )
const press = async (name: string | RegExp) =>
  act(async () => {
    fireEvent.click(screen.getByRole('button', { name }))
  })
const said = () =>
  [...screen.queryAllByRole('status'), ...screen.queryAllByRole('alert')]
    .map((one) => one.textContent)
    .join()
    .replaceAll(/[\u2068\u2069]/g, '')

it('follows somebody, and says what that means', async () => {
  bondsAre()
  const follow = vi.spyOn(bonds, 'follow').mockResolvedValue(undefined)
  await show()
  await press(/^Follow.*Nora/)
  expect(follow).toHaveBeenCalledWith('p-nora', true)
  expect(said()).toContain('You follow Nora, who can see it.')
})

it('unfollows in a list with a way back', async () => {
  bondsAre({ following: new Set(['p-nora']) })
  const follow = vi.spyOn(bonds, 'follow').mockResolvedValue(undefined)
  await show(true)
  await press(/Unfollow.*Nora/)
  expect(follow).toHaveBeenLastCalledWith('p-nora', false)
  expect(said()).toContain('You don’t follow Nora any more.')
  await press('Undo')
  expect(follow).toHaveBeenLastCalledWith('p-nora', true)
})

it.each([false, true])('says that it did not arrive; in a list: %s', async (inList) => {
  bondsAre()
  vi.spyOn(bonds, 'follow').mockResolvedValue(Problem.offline())
  await show(inList)
  await press(/^Follow/)
  expect(said()).toContain('there was no connection')
})

it('offers nobody to follow themselves', async () => {
  bondsAre()
  await showPage(<FollowButton person={people.me} />)
  expect(screen.queryByRole('button')).toBeNull()
})

it('shows who of one’s people is on a stage, and leads into their room', async () => {
  bondsAre({ following: new Set(['p-nora', 'p-neu']), friends: new Set(['p-kofi']) })
  const state = { status: 'ready' as const, cards: people.cards }
  vi.spyOn(lobby, 'get').mockReturnValue(state)
  const { at } = await showPage(<LivePeople />)
  const strip = within(screen.getByRole('region', { name: 'Friends and people you follow' }))
  expect(strip.getAllByRole('link').map((link) => link.textContent)).toEqual([
    'KofiDerby night, second half',
    'NoraSongs nobody admits to loving',
  ])
  await act(async () => {
    fireEvent.click(strip.getByRole('link', { name: /Nora/ }), { detail: 0 })
  })
  expect(at()).toBe('/rooms/r-karaoke')
})

it('shows nothing where nobody one knows is on a stage', async () => {
  bondsAre({ following: new Set(['p-neu']) })
  const state = { status: 'ready' as const, cards: people.cards }
  vi.spyOn(lobby, 'get').mockReturnValue(state)
  await showPage(<LivePeople />)
  expect(screen.queryByRole('region')).toBeNull()
})
