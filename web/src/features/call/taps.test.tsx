import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import i18next, { type ParseKeys } from 'i18next'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Call, Me } from '../../api'
import { startI18n } from '../../i18n'
import { settlesInMs } from '../../ui'
import { calls } from '../../voice/calls'
import { play } from '../../voice/earcons'
import { After } from './After'
import { Proposal } from './Proposal'

// There is no sound engine here.
vi.mock('../../voice/earcons', () => ({ play: vi.fn() }))

const me = { id: 'me', name: 'Ada', seed: 'me' } as unknown as Me
const call = (more: Partial<Call>) =>
  ({
    id: 'call',
    kind: 'match',
    state: 'proposed',
    shared: [],
    cards: [],
    age_from: 25,
    age_to: 29,
    person: { id: 'ben', name: 'Ben', seed: 'ben' },
    ...more,
  }) as unknown as Call
const over = call({ state: 'ended', live_at: 1, end_reason: 'left' })

const tap = (name: ParseKeys) => {
  const button = screen.getByRole('button', { name: i18next.t(name) })
  fireEvent.pointerDown(button)
  fireEvent.click(button, { detail: 1 })
}
const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
  }))
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const nothing = async () => undefined

it.each([
  ['call.proposal.yes', 'accept'],
  ['call.proposal.no', 'decline'],
] as const)('takes no second tap of two for "%s" to a proposal', async (name, command) => {
  const told = vi.spyOn(calls, command).mockImplementation(nothing)
  render(<Proposal me={me} call={call({})} onYes={() => {}} />)
  await wait(180)
  tap(name)
  expect(told).not.toHaveBeenCalled()
  await wait(settlesInMs)
  tap(name)
  expect(told).toHaveBeenCalledOnce()
})

it.each([
  ['call.after.heart', 'heart'],
  ['call.after.pass', 'pass'],
] as const)('takes no second tap of hanging up for a %s', async (name, choice) => {
  const told = vi.spyOn(calls, 'choose').mockImplementation(nothing)
  render(<After me={me} call={over} onChat={() => {}} onRoom={() => {}} />)
  await wait(180)
  tap(name)
  expect(told).not.toHaveBeenCalled()
  await wait(settlesInMs)
  tap(name)
  expect(told.mock.calls.map(([said]) => said)).toEqual([choice])
})

it('takes no second tap of a heart for what stands there next', async () => {
  const told = vi.spyOn(calls, 'enter').mockImplementation(nothing)
  const gone = vi.spyOn(calls, 'dismiss').mockImplementation(() => {})
  const page = (of: Call) => <After me={me} call={of} onChat={() => {}} onRoom={() => {}} />
  const { rerender } = render(page(over))
  await wait(settlesInMs)
  rerender(page({ ...over, choice: 'heart' }))
  await wait(180)
  tap('call.after.again')
  tap('call.after.done')
  expect(told).not.toHaveBeenCalled()
  expect(gone).not.toHaveBeenCalled()
})

it('takes no second tap of a heart for the conversation with a match', async () => {
  const chat = vi.fn()
  const page = (of: Call) => <After me={me} call={of} onChat={chat} onRoom={() => {}} />
  const { rerender } = render(page(over))
  await wait(settlesInMs)
  rerender(page({ ...over, choice: 'heart', matched: true }))
  expect(play).toHaveBeenCalledExactlyOnceWith('match')
  await wait(180)
  tap('match.hi')
  expect(chat).not.toHaveBeenCalled()
  await wait(settlesInMs)
  tap('match.hi')
  expect(chat).toHaveBeenCalledOnce()
})
