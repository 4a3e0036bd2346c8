import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { api, tellRefusal } from './client'
import { former, loadMe, me, page, setMe, signedIn, signOut } from './me'
import { Problem } from './problem'
import type { Me } from './types'

const person = (id: string) => ({ id, name: id }) as Me

const refused = (status: number, code: string) => new Problem({ status, code, detail: '' })

const reload = vi.spyOn(page, 'reload').mockImplementation(() => {})
const get = vi.spyOn(api, 'GET')

/** What a page that was loaded anew finds out first. */
async function nobody() {
  get.mockRejectedValueOnce(refused(401, 'session.none'))
  await loadMe()
}

beforeEach(async () => {
  setMe(person('nobody'))
  tellRefusal(refused(401, 'session.none'))
  await nobody()
  former()
  reload.mockClear()
})

afterEach(() => get.mockReset())

it('begins anew when the server refuses to act for somebody else', () => {
  signedIn(person('anna'))
  tellRefusal(refused(409, 'room.full'))
  expect(me.get()).toEqual({ status: 'in', me: person('anna') })
  tellRefusal(refused(409, 'session.other_account'))
  tellRefusal(refused(409, 'session.other_account'))
  expect(me.get().status).toBe('out')
  expect(reload).toHaveBeenCalledTimes(1)
  expect(former()).toBe('anna')
  expect(former()).toBeUndefined()
})

it('begins anew when the browser turns out to be of somebody else', async () => {
  signedIn(person('anna'))
  get.mockResolvedValueOnce({ data: person('bob') } as never)
  await loadMe()
  expect(me.get().status).toBe('out')
  expect(reload).toHaveBeenCalledTimes(1)
  expect(former()).toBe('anna')
})

it('begins anew when the session has ended', () => {
  signedIn(person('anna'))
  tellRefusal(refused(401, 'session.none'))
  expect(reload).toHaveBeenCalledTimes(1)
  expect(former()).toBe('anna')
})

it('stays on its way when that is found out by asking', async () => {
  signedIn(person('anna'))
  const problem = refused(401, 'session.none')
  get.mockImplementationOnce(async () => {
    tellRefusal(problem) // as the courier does before it throws
    throw problem
  })
  await loadMe()
  expect(me.get()).toEqual({ status: 'out', anew: true })
  expect(reload).toHaveBeenCalledTimes(1)
})

it('begins anew, and says nothing, after a wish to sign out', async () => {
  signedIn(person('anna'))
  vi.spyOn(api, 'POST').mockResolvedValueOnce({} as never)
  await signOut()
  expect(me.get().status).toBe('out')
  expect(reload).toHaveBeenCalledTimes(1)
  expect(former()).toBeUndefined()
})

it('does not begin anew for somebody who only was not in', async () => {
  await nobody()
  setMe(person('anna'))
  setMe({ ...person('anna'), name: 'Anna' })
  expect(reload).not.toHaveBeenCalled()
  expect(me.get()).toMatchObject({ status: 'in', me: { name: 'Anna' } })
})

it('hears of a sign-in in another tab', async () => {
  get.mockResolvedValueOnce({ data: person('anna') } as never)
  const other = new BroadcastChannel('heyy.session')
  other.postMessage('signed in')
  await vi.waitFor(() => expect(me.get()).toMatchObject({ status: 'in', me: { id: 'anna' } }))
  other.close()
})
