import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, type Me } from '../../api'
import { forgetClock, heardDate } from '../../api/clock'
import { startI18n } from '../../i18n'
import { people, showPage } from '../../testing/page'
import { chosenEnd, endOf, Presence } from './Presence'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
  forgetClock()
})

async function with_(presence: Me['presence']) {
  const put = vi.spyOn(api, 'PUT').mockResolvedValue({
    data: { ...people.me, presence },
    response: new Response(),
  } as never)
  await showPage(<Presence me={{ ...people.me, presence }} />)
  return put
}
const press = (name: string | RegExp, role = 'radio') =>
  act(async () => {
    fireEvent.click(screen.getByRole(role, { name }))
  })
const sent = (body: object) => ['/api/me/presence', { body }]

it('goes invisible with one press, and keeps the rest', async () => {
  const put = await with_({ mode: 'visible', show_rooms: true })
  await press('Invisible')
  expect(put.mock.calls).toEqual([sent({ mode: 'invisible', show_rooms: true })])
})

it('asks for how long only while nobody may disturb', async () => {
  await with_({ mode: 'visible', show_rooms: false })
  expect(screen.queryByRole('group', { name: 'For how long' })).toBeNull()
})

it('ends do not disturb by itself, or not', async () => {
  const until = endOf('morning', Date.now())
  const put = await with_({ mode: 'do_not_disturb', until, show_rooms: false } as Me['presence'])
  expect(screen.getByText(/^Ends: /)).toBeTruthy()
  await press('Until I turn it off')
  await press('Show friends which room I’m in', 'switch')
  expect(put.mock.calls).toEqual([
    sent({ mode: 'do_not_disturb', show_rooms: false }),
    sent({ mode: 'do_not_disturb', show_rooms: true, until }),
  ])
})

it('knows which end was chosen', () => {
  const now = new Date(2026, 10, 30, 22, 41).getTime()
  expect(new Date(endOf('morning', now) ?? 0).toString()).toContain('Dec 01 2026 08:00')
  expect(endOf('hour', now)).toBe(now + 3_600_000)
  for (const end of ['hour', 'morning', 'open'] as const) {
    expect(chosenEnd(endOf(end, now))).toBe(end)
  }
})

it('counts its hour by the server’s clock', async () => {
  const truth = Math.floor(Date.now() / 1000) * 1000 - 86_400_000
  heardDate(new Date(truth).toUTCString())
  const put = await with_({ mode: 'do_not_disturb', show_rooms: false })
  await press('1 hour')
  const [, { body }] = put.mock.calls[0] as unknown as [string, { body: { until: number } }]
  expect(Math.abs(body.until - truth - 3_600_000)).toBeLessThan(60_000)
})
