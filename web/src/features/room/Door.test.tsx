import { fireEvent, render, screen } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, type Call, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { lobby } from '../../realtime/lobby'
import { calls } from '../../voice/calls'
import { Door } from './Door'

beforeAll(() => startI18n('en'))
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
  const go = answers({ id: 'r', title: 'Tea', you: { present: true } })
  await screen.findByText(i18next.t('room.door.here'))
  expect(screen.queryByText(i18next.t('room.door.line'))).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: i18next.t('room.ended.elsewhere.action') }))
  expect(go).toHaveBeenCalledOnce()
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
  answers({ id: 'r', title: 'Tea' })
  await screen.findByRole('heading', { name: 'Tea' })
  expect(screen.getByText(i18next.t('room.door.line'))).toBeTruthy()
})
