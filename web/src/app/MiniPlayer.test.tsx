import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { startI18n } from '../i18n'
import { people, showPage } from '../testing/page'
import { toast } from '../ui'
import { session } from '../voice/session'
import type { LiveState } from '../voice/state'
import { MiniPlayer } from './MiniPlayer'

vi.mock('../ui/Toast', async (real) => ({
  ...(await real<typeof import('../ui/Toast')>()),
  toast: vi.fn(),
}))

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.mocked(toast).mockReset()
})

const live = (playback: LiveState['playback']): LiveState => {
  const room = people.room(people.listening)
  return {
    status: 'live',
    roomId: room.id,
    room,
    you: people.listening,
    connection: 'connected',
    mic: 'off',
    device: undefined,
    playback,
  }
}

it('mutes the room that plays', async () => {
  const silence = vi.spyOn(session, 'silence').mockImplementation(() => {})
  await showPage(<MiniPlayer room={live('ok')} />)
  fireEvent.click(screen.getByRole('button', { name: 'Mute room' }))
  expect(silence).toHaveBeenCalledWith(true)
})

it('says that the browser wants a tap, and turns the sound on with it', async () => {
  const silence = vi.spyOn(session, 'silence').mockImplementation(() => {})
  await showPage(<MiniPlayer room={live('blocked')} />)
  expect(screen.getByText('Turn the sound on')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Turn the sound on' }))
  expect(silence).toHaveBeenCalledWith(false)
})

it('says that a host asks its person to speak', async () => {
  const state = live('ok')
  await showPage(<MiniPlayer room={{ ...state, room: { ...state.room, invited: true } }} />)
  expect(screen.getByRole('link', { name: /Invited to speak/ })).toBeTruthy()
})

it.each([
  ['says that the microphone did not open', 'Unmute microphone', 'muted', 1],
  ['says nothing where it is closed here all the same', 'Mute microphone', 'open', 0],
] as const)('%s', async (_, button, mic, said) => {
  vi.spyOn(session, 'setMuted').mockResolvedValue(Problem.offline())
  await showPage(<MiniPlayer room={{ ...live('ok'), you: people.sitting, mic }} />)
  await act(async () => void fireEvent.click(screen.getByRole('button', { name: button })))
  expect(toast).toHaveBeenCalledTimes(said)
})
