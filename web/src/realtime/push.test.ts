import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api, me } from '../api'
import * as times from '../i18n/times'
import { people } from '../testing/page'
import { tellZone } from './push'

const settings = {
  push: {},
  time_zone: 'UTC',
  quiet_from: 0,
  quiet_to: 0,
  daily_cap: 20,
  private_content: false,
  email: true,
}
let now = settings

beforeEach(() => {
  now = settings
  localStorage.clear()
  vi.spyOn(times, 'hereZone').mockReturnValue('Europe/Rome')
  vi.spyOn(me, 'get').mockReturnValue({ status: 'in', me: people.me })
  vi.spyOn(api, 'GET').mockImplementation((async () => ({
    data: { ...now, subscribed: false },
    response: new Response(),
  })) as never)
  vi.spyOn(api, 'PUT').mockImplementation((async () => ({ response: new Response() })) as never)
})
afterEach(() => vi.restoreAllMocks())

it('tells the time zone once in each browser', async () => {
  await tellZone()
  await tellZone()
  expect(vi.mocked(api.PUT).mock.calls).toEqual([
    ['/api/me/notifications', { body: { ...settings, time_zone: 'Europe/Rome' } }],
  ])
  expect(api.GET).toHaveBeenCalledTimes(1)
})

it('leaves a zone that somebody has', async () => {
  now = { ...settings, time_zone: 'Asia/Shanghai' }
  await tellZone()
  expect(api.PUT).not.toHaveBeenCalled()
})

it('asks nothing where there is nothing to tell', async () => {
  vi.mocked(times.hereZone).mockReturnValue('UTC')
  await tellZone()
  expect(api.GET).not.toHaveBeenCalled()
})

it('tells it at the next start when there was no connection', async () => {
  vi.mocked(api.GET).mockRejectedValueOnce(new Error('offline'))
  await expect(tellZone()).rejects.toThrow()
  await tellZone()
  expect(api.PUT).toHaveBeenCalledTimes(1)
})
