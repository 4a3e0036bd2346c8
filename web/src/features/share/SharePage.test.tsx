import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, Problem, type PublicRoom } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { PublicListening } from '../../voice/publicListening'
import { SharePage } from '.'

beforeAll(() => startI18n('en'))

const room: PublicRoom = {
  title: 'Night owls',
  category: 'talk',
  language: 'en',
  stage: [
    {
      name: 'Nora',
      aura: { seed: 7, ...(people.nora.voice && { voice: people.nora.voice }) },
      voice: 11,
      muted: false,
    },
    { voice: 12, muted: true },
  ],
}
/** What the server answers next. */
let says: PublicRoom | Problem
let joined: number

beforeEach(() => {
  says = room
  joined = 0
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  vi.spyOn(api, 'GET').mockImplementation((async () => {
    if (says instanceof Problem) throw says
    return { data: says, response: new Response() }
  }) as never)
  vi.spyOn(PublicListening.prototype, 'prepare').mockReturnValue()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const refusal = (code: string, status: number) => new Problem({ code, status, detail: code })
const show = () =>
  showPage(<SharePage roomId="r" otherwise={<p>Sign in</p>} onJoin={() => joined++} />)
const later = () => act(() => vi.advanceTimersByTimeAsync(10_000))
const reads = () => vi.mocked(api.GET).mock.calls.length

it('shows title and stage, and names only whom the server names', async () => {
  await show()
  expect(screen.getByRole('heading', { level: 1, name: 'Night owls' })).toBeTruthy()
  expect(screen.getByText('Nora')).toBeTruthy()
  expect(screen.getByText(/^.?Someone.?, muted$/)).toBeTruthy()
  expect(
    screen.getByText('Listen without an account. Nobody is told that you’re here.'),
  ).toBeTruthy()
})

it('plays from a tap', async () => {
  const play = vi.spyOn(PublicListening.prototype, 'play').mockReturnValue()
  await show()
  expect(play).not.toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: 'Listen' }))
  expect(play).toHaveBeenCalledTimes(1)
})

it('reads the room again while it is looked at', async () => {
  await show()
  says = { ...room, stage: [] }
  await later()
  expect(reads()).toBe(2)
  expect(screen.getByText(/Nobody is on stage right now/)).toBeTruthy()
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
  await later()
  expect(reads()).toBe(2)
})

it('falls silent and says so when the room is closed', async () => {
  const end = vi.spyOn(PublicListening.prototype, 'end')
  await show()
  says = refusal('room.not_found', 404)
  await later()
  expect(screen.getByRole('heading', { name: 'You can’t listen here any more' })).toBeTruthy()
  expect(end).toHaveBeenCalled()
  await later()
  expect(reads()).toBe(2)
  fireEvent.click(screen.getByRole('button', { name: 'Join Heyy' }))
  expect(joined).toBe(1)
})

it('is a sign-in where there is no such room', async () => {
  says = refusal('room.not_found', 404)
  await show()
  expect(screen.getByText('Sign in')).toBeTruthy()
})

it('keeps what it knows without a connection, and says that it may be old', async () => {
  await show()
  says = Problem.offline()
  await later()
  expect(screen.getByRole('heading', { name: 'Night owls' })).toBeTruthy()
  expect(screen.getByText('No connection. What you see may be out of date.')).toBeTruthy()
})

it('asks again by hand when nothing could be read at first', async () => {
  says = Problem.offline()
  await show()
  expect(screen.getByRole('heading', { name: 'The room isn’t loading' })).toBeTruthy()
  says = room
  await act(() => vi.advanceTimersByTimeAsync(2000))
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  })
  expect(screen.getByRole('heading', { name: 'Night owls' })).toBeTruthy()
})

it('looks again when somebody is heard who was muted', async () => {
  const play = vi.spyOn(PublicListening.prototype, 'play')
  const hears = (voice: string) =>
    play.mockImplementation(function (this: PublicListening) {
      ;(this as unknown as { onVoice(voice: string): void }).onVoice(voice)
    })
  await show()
  await act(() => vi.advanceTimersByTimeAsync(2000))
  hears('11')
  fireEvent.click(screen.getByRole('button', { name: 'Listen' }))
  expect(reads()).toBe(1)
  hears('12')
  says = { ...room, stage: [{ voice: 12, muted: false }] }
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'Listen' }))
  })
  expect(reads()).toBe(2)
  expect(screen.queryByText(/, muted$/)).toBeNull()
})

it('is called like the room, so that tabs can be told apart', async () => {
  await show()
  expect(document.title).toBe('Night owls')
})
