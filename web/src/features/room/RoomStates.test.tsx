import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { type Call, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { lobby } from '../../realtime/lobby'
import { people } from '../../testing/page'
import { calls } from '../../voice/calls'
import { Failed } from './RoomStates'

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.spyOn(lobby, 'start').mockReturnValue(() => {})
})
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function refused(code: string, status: number, state?: Call['state']) {
  const call = state && ({ state, person: { name: 'Ben' } } as Call)
  vi.spyOn(calls, 'get').mockReturnValue({ ...calls.get(), ...(call && { call }) })
  const ways = { onHome: vi.fn(), onCall: vi.fn(), onRetry: vi.fn() }
  const { container } = render(
    <Failed problem={new Problem({ code, status, detail: '' })} {...ways} />,
  )
  return { ...ways, text: container.textContent }
}
const retry = () => screen.queryByRole('button', { name: i18next.t('common.retry') })

it('says that a call goes on, and leads back to it', () => {
  const { text, onCall } = refused('room.in_call', 409, 'live')
  expect(text).toMatch(/in a call with .*Ben/)
  expect(retry()).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: /Ben/ }))
  expect(onCall).toHaveBeenCalledOnce()
})

it('lets somebody try again whose call is over', () => {
  const { text, onRetry } = refused('room.in_call', 409, 'ended')
  expect(text).toContain(i18next.t('room.failed.call.text'))
  fireEvent.click(screen.getByRole('button', { name: i18next.t('common.retry') }))
  expect(onRetry).toHaveBeenCalledOnce()
})

it.each([
  ['rate_limited', 429, 'problem.rate_limited'],
  ['server.busy', 503, 'problem.server_busy'],
  ['session.ended', 401, 'problem.session_ended'],
  ['something.new', 409, 'problem.refused'],
  ['internal', 500, 'problem.unknown'],
] as const)('says %s in its own sentence', (code, status, key) => {
  expect(refused(code, status).text).toContain(i18next.t(key))
})

it.each(['room.not_found', 'room.ended', 'room.removed'])(
  'tries nothing again after %s',
  (code) => {
    refused(code, 404)
    expect(retry()).toBeNull()
  },
)

it.each([
  ['none is open', [], false],
  ['some are', people.cards, true],
] as const)('speaks of other rooms: %s', (_, cards, some) => {
  vi.spyOn(lobby, 'get').mockReturnValue({ status: 'ready', cards })
  const { text } = refused('room.not_found', 404)
  expect(text).toContain('the link is wrong.')
  expect(text?.includes('Other rooms are open.')).toBe(some)
})
