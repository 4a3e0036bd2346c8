import { act, fireEvent, screen, waitFor, within } from '@testing-library/react'
import i18next from 'i18next'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { evening, scheduleScenes } from '../../../scripts/screens/schedule'
import { api, type EventPage as Event, me, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { session } from '../../voice/session'
import { EventPage } from './EventPage'
import { EventsPage } from './EventsPage'
import { Upcoming } from './Upcoming'

let answers: Record<string, unknown>

beforeAll(() => startI18n('en'))
beforeEach(() => {
  answers = {}
  vi.spyOn(api, 'GET').mockImplementation((async (
    path: string,
    init?: { params?: { path?: Record<string, string> } },
  ) => {
    const at = Object.entries(init?.params?.path ?? {}).reduce(
      (now, [name, value]) => now.replace(`{${name}}`, value),
      path,
    )
    const data = answers[at]
    if (data instanceof Problem) throw data
    if (!data) throw Problem.offline()
    return { data, response: new Response() }
  }) as never)
  const mara = { status: 'in' as const, me: people.me }
  vi.spyOn(me, 'get').mockReturnValue(mara)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const scene = (name: string) => {
  answers = { ...scheduleScenes[name]?.api }
}
const press = async (name: string | RegExp, inside: HTMLElement = document.body) =>
  act(async () => {
    const [button] = within(inside).getAllByRole('button', { name })
    fireEvent.click(button as HTMLElement, { detail: 0 })
  })
const sends = (method: 'POST' | 'PUT' | 'DELETE', data?: object) =>
  vi.spyOn(api, method).mockResolvedValue({ data, response: new Response() } as never)
const show = (event = evening.id) => showPage(<EventPage event={event} />)

it('shows the next events in the lobby, and says that one goes', async () => {
  scene('schedule-lobby')
  const put = sends('PUT')
  await showPage(<Upcoming />)
  const strip = await screen.findByRole('region', { name: i18next.t('event.strip.title') })
  await press(/^I’m going: .*One record/, strip)
  expect(put).toHaveBeenCalledWith('/api/events/{event}/going', {
    params: { path: { event: evening.id } },
  })
  // One's own needs no saying.
  expect(within(strip).queryByRole('button', { name: /Slow runners/ })).toBeNull()
})

it('leads to a plan where nothing is planned, and shows nothing without an answer', async () => {
  scene('schedule-lobby-none')
  await showPage(<Upcoming />)
  expect(await screen.findByText(i18next.t('event.strip.plan'))).toBeTruthy()
})

it('lists events under their days', async () => {
  scene('schedule-list')
  await showPage(<EventsPage plan={false} club={undefined} />)
  expect(await screen.findByRole('link', { name: /Fellini/ })).toBeTruthy()
  expect(screen.getAllByRole('region').length).toBeGreaterThan(2)
})

it('says that events are not loading, and tries again', async () => {
  answers = { '/api/events': new Problem({ status: 500, code: 'internal' } as never) }
  await showPage(<EventsPage plan={false} club={undefined} />)
  expect(await screen.findByText(i18next.t('event.error'))).toBeTruthy()
  scene('schedule-none')
  await press(i18next.t('common.retry'))
  expect(await screen.findByText(i18next.t('event.empty.title'))).toBeTruthy()
})

it('plans a room in the zone of this device, in whole minutes', async () => {
  scene('schedule-none')
  const post = sends('POST', answers as object)
  await showPage(<EventsPage plan club="k-jazz" />)
  await press(i18next.t('event.plan.go'), screen.getByRole('dialog'))
  expect(screen.getByText(i18next.t('event.plan.nameMissing'))).toBeTruthy()
  fireEvent.change(screen.getByLabelText(i18next.t('event.plan.name')), {
    target: { value: 'Late talk' },
  })
  fireEvent.change(screen.getByLabelText(i18next.t('event.plan.when')), {
    target: { value: '2031-05-02T21:30' },
  })
  await press(i18next.t('event.plan.go'), screen.getByRole('dialog'))
  await waitFor(() => expect(post).toHaveBeenCalled())
  const sent = post.mock.calls[0]?.[1] as unknown as { body: object } | undefined
  expect(sent?.body).toMatchObject({
    title: 'Late talk',
    starts_at: new Date(2031, 4, 2, 21, 30).getTime(),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    minutes: 60,
    weekly: false,
    club: 'k-jazz',
  })
})

it('plans what was filled in for a room that was to start at once', async () => {
  scene('schedule-none')
  const post = sends('POST', answers as object)
  const draft = {
    title: 'Tea and books',
    category: 'music',
    language: 'it',
    shape: 'stage',
    access: 'followers',
    recorded: true,
  } as const
  await showPage(<EventsPage plan club={undefined} draft={draft} />)
  await press(i18next.t('event.plan.go'), screen.getByRole('dialog'))
  await waitFor(() => expect(post).toHaveBeenCalled())
  const sent = post.mock.calls[0]?.[1] as unknown as { body: object } | undefined
  expect(sent?.body).toMatchObject(draft)
})

it('plans no room with a PIN: it is open, and can be changed', async () => {
  scene('schedule-none')
  const post = sends('POST', answers as object)
  const draft = {
    title: 'Tea',
    category: 'talk',
    language: 'en',
    shape: 'lounge',
    access: 'pin',
    recorded: false,
  } as const
  await showPage(<EventsPage plan club={undefined} draft={draft} />)
  await press(i18next.t('event.plan.go'), screen.getByRole('dialog'))
  await waitFor(() => expect(post).toHaveBeenCalled())
  const sent = post.mock.calls[0]?.[1] as unknown as { body: object } | undefined
  expect(sent?.body).toMatchObject({ title: 'Tea', access: 'open' })
})

it('shows an event, where the host is too, and accepts an invitation', async () => {
  scene('schedule-asked')
  const put = sends('PUT')
  await show()
  expect(await screen.findByRole('heading', { level: 1, name: evening.title })).toBeTruthy()
  expect(screen.getByText(/^For the host/)).toBeTruthy()
  expect(screen.getByRole('heading', { name: '42 people are going' })).toBeTruthy()
  await press(i18next.t('event.asked.yes'))
  expect(put).toHaveBeenCalledWith(
    '/api/events/{event}/answer',
    expect.objectContaining({ body: { accept: true } }),
  )
})

it('starts the room of an event and goes in', async () => {
  scene('schedule-start')
  const post = sends('POST', { room_id: 'r-new' })
  const join = vi.spyOn(session, 'join').mockResolvedValue()
  const page = await show('e-mine')
  await screen.findAllByText(i18next.t('event.start.go'))
  await press(i18next.t('event.start.go'))
  await waitFor(() => expect(page.at()).toBe('/rooms/r-new'))
  expect(post).toHaveBeenCalledTimes(1)
  expect(join).toHaveBeenCalledWith('r-new')
})

it('cancels an event after a question', async () => {
  scene('schedule-host')
  const post = sends('POST')
  await show('e-mine')
  await screen.findByRole('heading', { level: 1 })
  await press(i18next.t('event.menu.open'))
  await press(i18next.t('event.cancel.open'), screen.getByRole('dialog'))
  expect(post).not.toHaveBeenCalled()
  const asks = screen.getByRole('alertdialog')
  await act(() => new Promise((done) => setTimeout(done, 700))) // what is dangerous counts a moment later
  await press(i18next.t('event.cancel.go'), asks)
  await waitFor(() => expect(post).toHaveBeenCalled())
})

it('leads back from an event that does not exist', async () => {
  answers = {
    [`/api/events/${evening.id}`]: new Problem({
      status: 404,
      code: 'event.not_found',
    } as never),
  }
  const page = await show()
  await screen.findByText(i18next.t('problem.event_not_found'))
  await press(i18next.t('event.toEvents'))
  await waitFor(() => expect(page.at()).toBe('/events'))
})

it('shows no choice for what is over', async () => {
  scene('schedule-over')
  await show()
  expect(await screen.findByText(i18next.t('event.cancelled'))).toBeTruthy()
  expect(screen.queryByRole('button', { name: /I’m going/ })).toBeNull()
  const cancelled = answers[`/api/events/${evening.id}`] as Event
  expect(cancelled.state).toBe('cancelled')
})
