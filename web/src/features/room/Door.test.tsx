import { fireEvent, render, screen, waitFor } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, type Call, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { lobby } from '../../realtime/lobby'
import { showPage } from '../../testing/page'
import { calls } from '../../voice/calls'
import { Door } from './Door'

beforeAll(() => {
  // A phone on which nothing moves: jsdom has no screen to ask.
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
  }))
  return startI18n('en')
})
afterEach(() => {
  vi.restoreAllMocks()
})

const at = (state: Call['state']) => {
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
  const said = { ...calls.get(), call: { state, person: { name: 'Ben' } } as Call }
  vi.spyOn(calls, 'get').mockReturnValue(said)
  const go = vi.fn()
  const call = vi.fn()
  render(<Door roomId="r" onGo={go} onCall={call} onHome={() => {}} />)
  return { go, call }
}

/** What the room answers to a reader, once the lobby does not list it. */
const answers = (said: object) => {
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
  vi.spyOn(lobby, 'get').mockReturnValue(ready)
  const read = vi.spyOn(api, 'GET')
  if (said instanceof Problem) read.mockRejectedValue(said)
  else read.mockResolvedValue({ data: said, response: new Response() } as never)
  const go = vi.fn()
  render(<Door roomId="r" onGo={go} onCall={() => {}} onHome={() => {}} />)
  return go
}
/** From now on the room answers otherwise. */
const answersNow = (said: object) =>
  vi.mocked(api.GET).mockResolvedValue({ data: said, response: new Response() } as never)
const ready = { status: 'ready' as const, cards: [] }
const button = (name: string) => screen.queryByRole('button', { name })

it.each(['connecting', 'live'] as const)('offers the way back to a call that is %s', (state) => {
  const { call } = at(state)
  expect(screen.getByRole('note').textContent).toMatch(/in a call with .*Ben/)
  expect(button(i18next.t('lobby.listen'))).toBeNull()
  const back = screen.getByRole('button', { name: /Ben/ })
  fireEvent.click(back)
  expect(call).toHaveBeenCalledOnce()
})

it.each(['proposed', 'ended'] as const)('lets in whoever has a call that is %s', (state) => {
  const { go } = at(state)
  expect(screen.queryByRole('note')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: i18next.t('lobby.listen') }))
  expect(go).toHaveBeenCalledOnce()
})

it('says that the room is open in another window, and brings it here', async () => {
  const go = answers({ id: 'r', title: 'Tea', access: 'open', you: { present: true } })
  await screen.findByText(i18next.t('room.door.here'))
  expect(screen.queryByText(i18next.t('room.door.line'))).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: i18next.t('room.ended.elsewhere.action') }))
  expect(go).toHaveBeenCalledOnce()
})

it('looks anew when somebody turns to this window: they may have entered by another', async () => {
  answers({ id: 'r', title: 'Tea', access: 'open' })
  await screen.findByText(i18next.t('room.door.line'))
  answersNow({ id: 'r', title: 'Tea', access: 'open', you: { present: true } })
  fireEvent.focus(window)
  await screen.findByText(i18next.t('room.door.here'))
})

it.each([
  ['over', { id: 'r', title: 'Tea', ended_at: 1, end_reason: 'host' }, 'gone'],
  ['unknown', new Problem({ code: 'room.not_found', status: 404, detail: '' }), 'gone'],
  ['closed to one', new Problem({ code: 'room.removed', status: 403, detail: '' }), 'removed'],
] as const)('offers no way into a room that is %s', async (_, said, kind) => {
  answers(said)
  await screen.findByRole('heading', { name: i18next.t(`room.failed.${kind}.title`) })
  expect(button(i18next.t('lobby.listen'))).toBeNull()
})

it('names a room that the lobby does not list', async () => {
  answers({ id: 'r', title: 'Tea', access: 'open' })
  await screen.findByRole('heading', { name: 'Tea' })
  expect(screen.getByText(i18next.t('room.door.line'))).toBeTruthy()
})

const gated = (gate: string, more: object = {}) => ({
  id: 'r',
  title: 'Tea',
  access: gate === 'full' ? 'open' : gate,
  gate,
  host: { id: 'h', name: 'Ada', resident: false, verified: false },
  ...more,
})

it('asks for the PIN, and takes digits alone', async () => {
  const go = answers(gated('pin'))
  const field = (await screen.findByLabelText(i18next.t('room.entry.pinLabel'))) as HTMLInputElement
  expect([field.inputMode, field.autocomplete]).toEqual(['numeric', 'off'])
  expect(button(i18next.t('lobby.listen'))).toBeNull()
  const comeIn = screen.getByRole('button', { name: i18next.t('room.door.comeIn') })
  fireEvent.change(field, { target: { value: '12x' } })
  fireEvent.submit(field.form as HTMLFormElement)
  expect(go).not.toHaveBeenCalled()
  expect(screen.getByText(i18next.t('problem.room_pin_shape'))).toBeTruthy()
  fireEvent.change(field, { target: { value: '47 11' } })
  fireEvent.click(comeIn)
  await vi.waitFor(() => expect(go).toHaveBeenCalledWith('4711'))
})

it('says how many tries are left after a wrong PIN', async () => {
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
  vi.spyOn(lobby, 'get').mockReturnValue(ready)
  vi.spyOn(api, 'GET').mockResolvedValue({ data: gated('pin'), response: new Response() } as never)
  const refused = new Problem({ code: 'room.pin_wrong', status: 403, detail: '', left: 1 })
  render(<Door roomId="r" refused={refused} onGo={() => {}} onCall={() => {}} onHome={() => {}} />)
  await screen.findByText(/You have 1 try left/)
})

it('offers to follow the host of a room for followers, and no other way in', async () => {
  answers(gated('followers'))
  expect((await screen.findByText(/Follow .*Ada/)).textContent).toContain('come in')
  expect(button(i18next.t('lobby.listen'))).toBeNull()
  // Who follows now is read the room anew.
  answersNow({ ...gated('followers'), gate: undefined })
  fireEvent.focus(window)
  await screen.findByRole('button', { name: i18next.t('lobby.listen') })
})

it('leads to the club whose members alone come in, if its name is told', async () => {
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
  vi.spyOn(lobby, 'get').mockReturnValue(ready)
  const read = vi.spyOn(api, 'GET')
  const said = { ...gated('club'), club: { id: 'c', name: 'Jazz' } }
  read.mockResolvedValue({ data: said, response: new Response() } as never)
  const door = <Door roomId="r" onGo={() => {}} onCall={() => {}} onHome={() => {}} />
  const { at } = await showPage(door)
  expect((await screen.findByText(/Only members of .*Jazz/)).textContent).toContain('come in')
  expect(button(i18next.t('lobby.listen'))).toBeNull()
  fireEvent.click(screen.getByRole('link', { name: i18next.t('room.door.toClub') }))
  await waitFor(() => expect(at()).toBe('/clubs/c'))
})

it('says that a room of a club without a name to tell is for its members', async () => {
  answers(gated('club'))
  await screen.findByText(i18next.t('problem.room_club_only'))
  expect(screen.queryByRole('link')).toBeNull()
  expect(button(i18next.t('lobby.listen'))).toBeNull()
})

it('says that a room is full, and looks again when asked', async () => {
  answers(gated('full'))
  await screen.findByText(i18next.t('room.door.full'))
  answersNow({ id: 'r', title: 'Tea', access: 'open' })
  fireEvent.click(screen.getByRole('button', { name: i18next.t('room.door.again') }))
  await screen.findByRole('button', { name: i18next.t('lobby.listen') })
})

it.each([
  ['room.women_only', 'women'],
  ['room.verified_only', 'verified'],
] as const)('says whom a room is for: %s', async (code, kind) => {
  answers(new Problem({ code, status: 403, detail: '' }))
  await screen.findByRole('heading', { name: i18next.t(`room.failed.${kind}.title`) })
  expect(button(i18next.t('lobby.listen'))).toBeNull()
})
