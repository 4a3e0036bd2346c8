import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { startI18n } from '../i18n'
import { useOffer } from '../ui'
import { startUpdates } from './update'

// Part of the build, which makes the service worker; here it only tells what a browser would.
const worker = vi.hoisted(() => ({ waits: (): unknown => undefined }))
vi.mock('virtual:pwa-register', () => ({
  registerSW: ({ onNeedRefresh }: { onNeedRefresh(): unknown }) => {
    worker.waits = onNeedRefresh
    return async () => {}
  },
}))

beforeAll(() => startI18n('en'))
afterEach(() => vi.unstubAllGlobals())

async function offered(registration: Partial<ServiceWorkerRegistration>) {
  const serviceWorker = Object.assign(new EventTarget(), {
    controller: null,
    getRegistration: async () => registration,
  })
  vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { serviceWorker }))
  startUpdates()
  await act(async () => {
    await worker.waits()
  })
  return renderHook(useOffer).result.current[0]?.text
}

const one = {} as ServiceWorker

it('does not take the first service worker of a browser for a new version', async () => {
  expect(await offered({ active: null, waiting: one })).toBeUndefined()
  expect(await offered({ active: one, waiting: null })).toBeUndefined()
})

it('offers the version that waits behind the one that is there', async () => {
  expect(await offered({ active: one, waiting: one })).toBe('A new version of Heyy is ready.')
})
