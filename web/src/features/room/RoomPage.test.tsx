import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Problem } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { type RoomState, session } from '../../voice/session'
import { RoomPage } from './RoomPage'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
})

const roomId = 'r-karaoke'
const roomIs = (state: RoomState) => {
  vi.spyOn(session, 'get').mockReturnValue(state)
  return showPage(<RoomPage roomId={roomId} />)
}
const live = (you: typeof people.listening, more: object = {}) => ({
  status: 'live' as const,
  roomId,
  room: people.room(you),
  you,
  connection: 'connected' as const,
  mic: 'off' as const,
  playback: 'ok' as const,
  ...more,
})
const controls = () => within(screen.getByRole('toolbar', { name: 'Your controls' }))

it('shows who speaks and who listens', async () => {
  await roomIs(live(people.listening))
  expect(screen.getByRole('heading', { name: 'Songs nobody admits to loving' })).toBeTruthy()
  expect(screen.getByRole('button', { name: /Nora.*host/ })).toBeTruthy()
  expect(screen.getByRole('button', { name: /陈思远.*muted/ })).toBeTruthy()
  expect(screen.getAllByRole('button', { name: /Giulia/ }).length).toBeGreaterThan(0)
})

it('lets somebody hear themselves before their first seat', async () => {
  const sit = vi.spyOn(session, 'sit').mockResolvedValue(undefined)
  await roomIs(live(people.listening))
  await act(async () => {
    fireEvent.click(controls().getByRole('button', { name: 'Take a seat' }))
  })
  expect(screen.getByRole('button', { name: 'Keep listening' })).toBeTruthy()
  expect(sit).not.toHaveBeenCalled()
})

it('unmutes a speaker who is muted, and mutes one who is not', async () => {
  const muted = vi.spyOn(session, 'setMuted').mockResolvedValue(undefined)
  await roomIs(live(people.sitting, { mic: 'muted' }))
  fireEvent.click(controls().getByRole('button', { name: 'Unmute microphone' }))
  expect(muted).toHaveBeenLastCalledWith(false)
})

it('says that the microphone is blocked, and how to allow it', async () => {
  await roomIs(live(people.sitting, { mic: 'denied' }))
  const help = controls().getByRole('button', { name: 'No microphone: what to do' })
  await act(async () => {
    fireEvent.click(help)
  })
  expect(screen.getByRole('dialog', { name: 'The microphone is blocked' })).toBeTruthy()
})

it('says that the connection dropped while it comes back', async () => {
  await roomIs(live(people.sitting, { mic: 'muted', connection: 'reconnecting' }))
  expect(screen.getByText(/Your connection dropped/)).toBeTruthy()
})

it('keeps the sheet of somebody who leaves, for they may have to be reported', async () => {
  const here = live(people.listening)
  const get = vi.spyOn(session, 'get').mockReturnValue(here)
  let tell = () => {}
  vi.spyOn(session, 'subscribe').mockImplementation((changed) => {
    tell = changed
    return () => {}
  })
  await showPage(<RoomPage roomId={roomId} />)
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: /陈思远/ }))
  })
  const sheet = screen.getByRole('dialog', { name: /陈思远/ })
  await act(async () => {
    get.mockReturnValue({
      ...here,
      room: { ...here.room, members: here.room.members.filter((m) => m.person.name !== '陈思远') },
    })
    tell()
  })
  expect(within(sheet).getByText('Has left the room')).toBeTruthy()
  expect(within(sheet).getByRole('button', { name: /Block or report/ })).toBeTruthy()
})

it('leaves for the lobby, quietly', async () => {
  const leave = vi.spyOn(session, 'leave').mockReturnValue()
  const { at } = await roomIs(live(people.listening))
  await act(async () => {
    fireEvent.click(controls().getByRole('button', { name: 'Leave quietly' }))
  })
  await vi.waitFor(() => expect(leave).toHaveBeenCalledOnce())
  expect(at()).toBe('/')
})

it('minimises without leaving', async () => {
  const leave = vi.spyOn(session, 'leave').mockReturnValue()
  const { at } = await roomIs(live(people.listening))
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Minimise' }))
  })
  expect(at()).toBe('/')
  expect(leave).not.toHaveBeenCalled()
})

it('says who ended the room, and leads back to the lobby', async () => {
  const { at } = await roomIs({
    status: 'ended',
    roomId,
    why: 'host',
    room: people.room(people.listening),
  })
  expect(screen.getByRole('heading', { name: 'The room has ended' })).toBeTruthy()
  expect(screen.getByText(/Nora.*ended it/)).toBeTruthy()
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Go to the rooms' }))
  })
  expect(at()).toBe('/')
})

it('tries again to enter where the network was gone', async () => {
  const join = vi.spyOn(session, 'join').mockResolvedValue()
  await roomIs({ status: 'failed', roomId, problem: Problem.offline() })
  expect(screen.getByRole('heading', { name: 'No connection' })).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(join).toHaveBeenCalledWith(roomId)
})
