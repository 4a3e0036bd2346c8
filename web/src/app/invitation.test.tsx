import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { startI18n } from '../i18n'
import { people, showPage } from '../testing/page'
import { Toaster } from '../ui'
import { setLive } from '../voice/live'
import { type RoomState, session } from '../voice/session'
import { useMicrophoneKey, useRoomNews } from './roomNews'

beforeAll(() => startI18n('en'))
afterEach(() => {
  setLive('room', undefined)
  vi.restoreAllMocks()
})

const room = people.room(people.listening)
const live = (invited: boolean): RoomState => ({
  status: 'live',
  roomId: room.id,
  room: { ...room, invited },
  you: people.listening,
  connection: 'connected',
  mic: 'off',
  playback: 'ok',
})

function Around({ here }: { here: boolean }) {
  useRoomNews(here)
  useMicrophoneKey()
  return <Toaster />
}

/** The news of a room, on its own page or on another one; `is` says what becomes of it. */
async function walk(here: boolean) {
  let now = live(false)
  const changed = new Set<() => void>()
  vi.spyOn(session, 'get').mockImplementation(() => now)
  vi.spyOn(session, 'subscribe').mockImplementation((fn) => {
    changed.add(fn)
    return () => changed.delete(fn)
  })
  const { at } = await showPage(<Around here={here} />)
  const is = (next: RoomState) =>
    act(async () => {
      now = next
      for (const fn of changed) fn()
    })
  return { at, is }
}
const answer = () => screen.queryByRole('button', { name: 'Answer' })

it('leads from any page to the invitation', async () => {
  const { at, is } = await walk(false)
  await is(live(true))
  expect(screen.getByRole('status').textContent).toContain('You’re invited to speak')
  await act(async () => void fireEvent.click(answer() as HTMLElement))
  expect(at()).toBe(`/rooms/${room.id}`)
  expect(answer()).toBeNull()
})

it('takes the word back with the invitation', async () => {
  const { is } = await walk(false)
  await is(live(true))
  await is(live(false))
  expect(answer()).toBeNull()
})

it('says nothing beside the invitation itself', async () => {
  const { is } = await walk(true)
  await is(live(true))
  expect(answer()).toBeNull()
})

it('says that the microphone did not open by its key', async () => {
  await walk(false)
  vi.spyOn(session, 'setMuted').mockResolvedValue(Problem.offline())
  setLive('room', { kind: 'room', mic: 'muted', setMuted() {}, leave() {} })
  await act(async () => void fireEvent.keyDown(document.body, { key: 'm', code: 'KeyM' }))
  expect(screen.getByRole('status').textContent).toContain('That didn’t go through')
})
