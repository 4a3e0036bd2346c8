import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Sheet } from './Sheet'
import { Toaster, toast } from './Toast'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  act(() => vi.advanceTimersByTime(60_000))
  cleanup()
  vi.useRealTimers()
})

const after = (ms: number) => act(() => vi.advanceTimersByTime(ms))
const undoButton = () => screen.getByRole('button', { name: 'Undo' })
const said = () => screen.queryByText('Recording discarded.')

function discard() {
  const undo = vi.fn()
  act(() => toast({ text: 'Recording discarded.', action: { label: 'Undo', run: undo } }))
  return undo
}

it('leaves time to undo, and then goes', () => {
  render(<Toaster />)
  discard()
  after(9_000)
  expect(said()).not.toBeNull()
  after(2_000)
  expect(said()).toBeNull()
})

it('waits as long as somebody points at it or has come to it by keys', () => {
  render(<Toaster />)
  discard()
  act(() => undoButton().focus())
  fireEvent.pointerEnter(screen.getByRole('status'))
  after(60_000)
  fireEvent.pointerLeave(screen.getByRole('status'))
  after(60_000)
  expect(said()).not.toBeNull()
  act(() => undoButton().blur())
  after(11_000)
  expect(said()).toBeNull()
})

it('goes when what it is about was done, and the next one keeps its time', () => {
  render(<Toaster />)
  const undo = discard()
  act(() => undoButton().focus())
  fireEvent.click(screen.getByText('Undo'))
  expect(undo).toHaveBeenCalledOnce()
  expect(said()).toBeNull()
  discard()
  after(11_000)
  expect(said()).toBeNull()
})

it('stays behind when somebody walks on, but for what was said on the way', () => {
  const shown = render(<Toaster page="/chats/ben" />)
  discard()
  shown.rerender(<Toaster page="/chats" />)
  expect(said()).not.toBeNull()
  after(2_000)
  shown.rerender(<Toaster page="/me" />)
  expect(said()).toBeNull()
})

it('stays in the open over a sheet, and is closed without closing it', () => {
  const closed = vi.fn()
  render(
    <>
      <Toaster />
      <Sheet open title="People" onOpenChange={closed} />
    </>,
  )
  after(100)
  discard()
  // A sheet hides what is around it from screen readers: what is not hidden has a role.
  const close = within(screen.getByRole('status')).getByRole('button', { name: 'common.close' })
  expect(screen.getByRole('status').parentElement).toBe(document.body)
  fireEvent.pointerDown(close)
  fireEvent.click(close)
  after(100)
  expect(said()).toBeNull()
  expect(closed).not.toHaveBeenCalled()
  const scrim = document.querySelector('[data-state="open"]') as Element
  fireEvent.pointerDown(scrim)
  fireEvent.click(scrim)
  after(100)
  expect(closed).toHaveBeenCalledOnce()
})
