import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startI18n } from '../../i18n'
import { settlesInMs } from '../../ui'
import type { Question } from './order'
import { Step, type Way } from './Step'

vi.mock('./Closing', () => ({ Closing: () => null }))

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('scrollTo', () => {})
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const wait = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))

it.each([
  ['later', 'onboarding.later'],
  ['enter', 'onboarding.enter'],
  ['next', 'onboarding.action'],
] as const)('takes no second tap of two for the next question: %s', async (what, key) => {
  const told = { later: vi.fn(), enter: vi.fn(), next: vi.fn() }
  const page = (question: Question) => (
    <Step
      title={question}
      way={{ question, name: 'Ada', done: [], ...told, entering: false, trouble: undefined } as Way}
      onContinue={told.next}
    >
      {null}
    </Step>
  )
  const tap = () => {
    const button = screen.getByRole('button', { name: i18next.t(key) })
    fireEvent.pointerDown(button)
    fireEvent.click(button, { detail: 1 })
  }
  const { rerender } = render(page('self'))
  await wait(settlesInMs)
  tap()
  rerender(page('meet'))
  await wait(180)
  tap()
  expect(told[what]).toHaveBeenCalledOnce()
  await wait(settlesInMs)
  tap()
  expect(told[what]).toHaveBeenCalledTimes(2)
})
