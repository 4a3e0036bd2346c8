import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { api, type NotificationSettings, Problem } from '../../api'
import { startI18n } from '../../i18n'
import { notificationKindKeys } from '../../i18n/vocabulary.gen'
import { showPage } from '../../testing/page'
import { SettingsPage, UnsubscribePage } from '.'

beforeAll(() => startI18n('en'))
afterEach(() => vi.restoreAllMocks())

const response = new Response()

/** A server with one value, which it answers with and is told; or a problem, once. */
function serverWith(value: object, ...problems: Problem[]) {
  let now = value
  const answer = () => {
    const problem = problems.shift()
    if (problem) throw problem
    return { data: now, response }
  }
  vi.spyOn(api, 'GET').mockImplementation((async () => answer()) as never)
  const put = vi.spyOn(api, 'PUT').mockImplementation((async (
    _: string,
    { body }: { body: object },
  ) => {
    const said = answer()
    now = { ...now, ...body }
    return { ...said, data: now }
  }) as never)
  return { put, fail: (problem: Problem) => problems.push(problem) }
}

const link = () => showPage(<UnsubscribePage token="t" />)
const press = (name: string) =>
  act(async () => void fireEvent.click(screen.getByRole('button', { name })))

it('changes nothing until somebody presses', async () => {
  const { put } = serverWith({ on: true })
  await link()
  expect(await screen.findByRole('heading', { name: /^We email you/ })).toBeTruthy()
  expect(put).not.toHaveBeenCalled()
})

it('switches off, and on again', async () => {
  const { put } = serverWith({ on: true })
  await link()
  await screen.findByRole('button', { name: 'Turn off' })
  await press('Turn off')
  expect(await screen.findByRole('heading', { name: 'These emails are off' })).toBeTruthy()
  await press('Turn back on')
  expect(await screen.findByRole('button', { name: 'Turn off' })).toBeTruthy()
  expect(put.mock.calls).toEqual([
    ['/api/emails/{token}', { params: { path: { token: 't' } }, body: { on: false } }],
    ['/api/emails/{token}', { params: { path: { token: 't' } }, body: { on: true } }],
  ])
})

it('says that a press did not get through, and stays as it was', async () => {
  const { fail } = serverWith({ on: true })
  await link()
  await screen.findByRole('button', { name: 'Turn off' })
  fail(Problem.offline())
  await press('Turn off')
  expect(await screen.findByText(/there was no connection/)).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Turn off' })).toBeTruthy()
})

it('says that a link does not work, and where else one chooses', async () => {
  serverWith(
    {},
    new Problem({ code: 'mail.link_unknown', status: 404, detail: '', title: '' } as never),
  )
  await link()
  expect(
    await screen.findByRole('heading', { name: /This link doesn’t work any more/ }),
  ).toBeTruthy()
  expect(screen.getByRole('link').getAttribute('href')).toBe('/me/notifications')
  expect(screen.queryByRole('button')).toBeNull()
})

it('asks again where there was no connection', async () => {
  serverWith({ on: false }, Problem.offline())
  await link()
  await screen.findByRole('button', { name: 'Try again' })
  await press('Try again')
  expect(await screen.findByRole('heading', { name: 'These emails are off' })).toBeTruthy()
})

it('is a switch among the notification settings', async () => {
  const settings: NotificationSettings & { subscribed: boolean } = {
    push: Object.fromEntries(notificationKindKeys.map((kind) => [kind, true])),
    time_zone: 'Europe/Rome',
    quiet_from: 0,
    quiet_to: 0,
    daily_cap: 20,
    private_content: false,
    email: true,
    subscribed: false,
  }
  const { put } = serverWith(settings)
  await showPage(<SettingsPage />)
  const here = await screen.findByRole('switch', { name: 'Email me when something’s waiting' })
  expect(here).toHaveProperty('checked', true)
  await act(async () => void fireEvent.click(here))
  expect(here).toHaveProperty('checked', false)
  const { subscribed, ...rest } = settings
  expect(put.mock.calls).toEqual([['/api/me/notifications', { body: { ...rest, email: false } }]])
})
