import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { createRoot } from 'react-dom/client'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startI18n } from '../i18n'
import { setLive } from '../voice/live'
import { fallen } from './fallen'
import { Lifeline } from './Lifeline'

beforeAll(() => startI18n('en'))
afterEach(() => {
  cleanup()
  setLive('room', undefined)
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

function Throws(): never {
  throw new Error('as a test wants it')
}

function speaking() {
  const line = { setMuted: vi.fn(), leave: vi.fn(() => setLive('room', undefined)) }
  setLive('room', { kind: 'room', name: 'Night owls', mic: 'open', ...line })
  return line
}

it('mutes and leaves where nothing else is left', async () => {
  const line = speaking()
  render(<Lifeline />)
  fireEvent.click(screen.getByRole('button', { name: 'Mute microphone' }))
  expect(line.setMuted).toHaveBeenCalledWith(true)
  fireEvent.click(screen.getByRole('button', { name: 'Leave quietly' }))
  expect(line.leave).toHaveBeenCalledOnce()
})

it('closes the microphone and says so when nothing can be shown at all', async () => {
  const line = speaking()
  const place = document.body.appendChild(document.createElement('div'))
  createRoot(place, { onUncaughtError: fallen }).render(<Throws />)
  await vi.waitFor(() => expect(line.leave).toHaveBeenCalledOnce())
  expect(screen.getByRole('alert').textContent).toContain('Your microphone is off')
  expect(screen.getByRole('button', { name: 'Reload' })).toBeTruthy()
})
