import { act, cleanup, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { Sheet } from './Sheet'

/** As browsers do it: back goes to the watcher that was made last. */
const watchers: Watcher[] = []
class Watcher {
  onclose: (() => void) | null = null
  constructor() {
    watchers.push(this)
  }
  destroy() {
    watchers.splice(watchers.indexOf(this), 1)
  }
}

function back() {
  const last = watchers.at(-1)
  act(() => last?.onclose?.())
  return last !== undefined
}

function Sheets() {
  const [open, setOpen] = useState(['People', 'Report'])
  return open.map((title) => (
    <Sheet
      key={title}
      open
      title={title}
      onOpenChange={() => setOpen((all) => all.filter((other) => other !== title))}
    />
  ))
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('closes one sheet with each press of back, the last first, and then leaves back alone', () => {
  vi.stubGlobal('CloseWatcher', Watcher)
  render(<Sheets />)
  expect(back()).toBe(true)
  expect(screen.queryByText('Report')).toBeNull()
  expect(screen.getByText('People')).toBeTruthy()
  expect(back()).toBe(true)
  expect(screen.queryByText('People')).toBeNull()
  expect(back()).toBe(false)
})

it('opens all the same where the browser knows no such thing', () => {
  render(<Sheets />)
  expect(screen.getByText('Report')).toBeTruthy()
})
