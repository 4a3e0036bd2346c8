import { act, fireEvent, screen, within } from '@testing-library/react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { api, type Me, me } from '../../api'
import { startI18n } from '../../i18n'
import { outgoing } from '../../realtime/outgoing'
import { people, showPage } from '../../testing/page'
import { MePage } from './MePage'

/** What the server answers to a reader, by path. */
const answers: Record<string, object> = {
  '/api/me/sessions': {
    sessions: [
      { id: 's1', device: 'Firefox on Linux', current: true, last_seen_at: 0 },
      { id: 's2', device: 'Safari on iPhone', current: false, last_seen_at: 0 },
    ],
  },
  '/api/me/blocked': { people: [people.tom] },
  '/api/me/room-bans': { people: [] },
  '/api/me/card': {
    person: {
      ...people.mara,
      clips: [],
      badges: [],
      interests: [],
      languages: ['en'],
      intents: [],
    },
    age: 31,
  },
  '/api/me/passkeys': { passkeys: [] },
  '/api/me/verification': { state: 'none' },
  '/api/me/card-offers': { received: [], given: [] },
}

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.spyOn(api, 'GET').mockImplementation((async (path: string) => ({
    data: answers[path] ?? {},
    response: new Response(),
  })) as never)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const meIs = (more: Partial<Me> = {}) => {
  const state = { status: 'in' as const, me: { ...people.me, ...more } }
  vi.spyOn(me, 'get').mockReturnValue(state)
  return showPage(<MePage />)
}

it('shows whose page it is', async () => {
  await meIs()
  expect(screen.getByRole('heading', { level: 1, name: 'Mara' })).toBeTruthy()
  expect(screen.getByText('mara@example.org')).toBeTruthy()
})

it('shows one’s own card as others see it', async () => {
  await meIs()
  await act(async () => {
    fireEvent.click(screen.getByRole('button', { name: 'See how others see you' }))
  })
  const card = within(await screen.findByRole('dialog'))
  expect((await card.findAllByText('Mara')).length).toBeGreaterThan(0)
})

it('signs another device out, never the one in hand', async () => {
  const end = vi.spyOn(api, 'DELETE').mockResolvedValue({ response: new Response() } as never)
  await meIs()
  const other = await screen.findByRole('button', { name: /Safari on iPhone/ })
  expect(screen.queryByRole('button', { name: /Firefox on Linux/ })).toBeNull()
  await act(async () => {
    fireEvent.click(other)
  })
  expect(end).toHaveBeenCalledWith('/api/me/sessions/{session}', {
    params: { path: { session: 's2' } },
  })
})

it('unblocks somebody', async () => {
  const unblock = vi.spyOn(api, 'DELETE').mockResolvedValue({ response: new Response() } as never)
  await meIs()
  const button = await screen.findByRole('button', { name: /Unblock.*Tom/ })
  await act(async () => {
    fireEvent.click(button)
  })
  expect(unblock).toHaveBeenCalledWith('/api/people/{person}/block', {
    params: { path: { person: 'p-tom' } },
  })
})

it('shows further people one has blocked, a page at a time', async () => {
  const whole = answers['/api/me/blocked']
  answers['/api/me/blocked'] = { people: [people.tom], next: 'further' }
  const get = vi.mocked(api.GET)
  await meIs()
  const more = await screen.findByRole('button', { name: 'Show more' })
  answers['/api/me/blocked'] = { people: [people.amira] }
  await act(async () => {
    fireEvent.click(more)
  })
  expect(
    await screen.findByRole('button', { name: new RegExp(`Unblock.*${people.amira.name}`) }),
  ).toBeTruthy()
  expect(screen.getByRole('button', { name: /Unblock.*Tom/ })).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull()
  expect(get).toHaveBeenCalledWith('/api/me/blocked', { params: { query: { before: 'further' } } })
  answers['/api/me/blocked'] = whole ?? {}
})

it('speaks another language as soon as it is chosen', async () => {
  const patch = vi.spyOn(api, 'PATCH').mockResolvedValue({
    data: { ...people.me, language: 'it' },
    response: new Response(),
  } as never)
  await meIs()
  await act(async () => {
    fireEvent.change(screen.getByLabelText('Language'), { target: { value: 'it' } })
  })
  await screen.findByRole('button', { name: 'Esci' })
  expect(patch).toHaveBeenCalledWith('/api/me', { body: { language: 'it' } })
  await act(() => startI18n('en'))
})

it('shows or hides what one has read', async () => {
  const put = vi.spyOn(api, 'PUT').mockResolvedValue({ response: new Response() } as never)
  await meIs()
  const marks = screen.getByRole('switch', { name: 'Show when I’ve read or played a message' })
  expect((marks as HTMLInputElement).checked).toBe(true)
  await act(async () => {
    fireEvent.click(marks)
  })
  expect(put).toHaveBeenCalledWith('/api/me/read-marks', { body: { shown: false } })
})

it('asks before signing out takes what is not sent yet', async () => {
  const out = vi.spyOn(api, 'POST').mockReturnValue(new Promise(() => {}) as never)
  outgoing.draft('ben', { text: 'The second bridge was better.' })
  await meIs()
  const press = (name: string) =>
    act(async () => fireEvent.click(screen.getByRole('button', { name })))
  await press('Sign out')
  expect(screen.getByRole('alertdialog').textContent).toContain('1 message that isn’t sent yet')
  await press('Stay signed in')
  expect(screen.queryByRole('alertdialog')).toBeNull()
  expect(out).not.toHaveBeenCalled()

  await press('Sign out')
  await press('Sign out and delete')
  expect(out).toHaveBeenCalledWith('/api/sign-out')
})

it('signs out at once where nothing is lost by it', async () => {
  const out = vi.spyOn(api, 'POST').mockReturnValue(new Promise(() => {}) as never)
  outgoing.draft('ben', undefined)
  await meIs()
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Sign out' })))
  expect(out).toHaveBeenCalledWith('/api/sign-out')
})
