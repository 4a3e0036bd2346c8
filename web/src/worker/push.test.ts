import { beforeEach, expect, it, vi } from 'vitest'
import { keepAnswer, takeAnswer } from './answer'
import { clicked, received, renewed } from './push'

/** A service worker's surroundings: windows, and notifications by tag. */
function worker(...windows: { visibilityState: 'visible' | 'hidden' }[]) {
  const shown: { title: string; options: NotificationOptions & Record<string, unknown> }[] = []
  const closed: string[] = []
  const clients = windows.map((one) => ({
    ...one,
    postMessage: vi.fn(),
    focus: vi.fn(() => Promise.reject(new DOMException('', 'InvalidAccessError'))),
  }))
  const self = {
    clients: { matchAll: async () => clients, openWindow: vi.fn(async () => null) },
    registration: {
      showNotification: async (title: string, options: NotificationOptions) => {
        shown.push({ title, options: { ...options } })
      },
      getNotifications: async ({ tag }: { tag?: string }) =>
        shown
          .filter(({ options }) => options.tag === tag)
          .map(({ title }) => ({ close: () => closed.push(title) })),
      pushManager: { subscribe: vi.fn(async (options: object) => subscription('new', options)) },
    },
  }
  return { self: self as unknown as ServiceWorkerGlobalScope, shown, closed, clients }
}

const subscription = (endpoint: string, options: object = {}) =>
  ({
    options,
    toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }),
  }) as unknown as PushSubscription

const data = (value: unknown) =>
  ({ json: () => JSON.parse(String(value)) }) as unknown as PushMessageData
const told = (value: object) => data(JSON.stringify(value))

const note = (kept: object) => ({ close: vi.fn(), data: kept }) as unknown as Notification

/** One cache, as the browser has it. */
function storage() {
  const kept = new Map<string, Response>()
  const cache = {
    put: async (key: string, value: Response) => void kept.set(key, value),
    match: async (key: string) => kept.get(key),
    delete: async (key: string) => kept.delete(key),
  }
  return { open: async () => cache }
}

it('answers no call that was answered long ago, nor without storage', async () => {
  vi.stubGlobal('caches', storage())
  const now = vi.spyOn(Date, 'now').mockReturnValue(1_000_000)
  await keepAnswer('c1')
  now.mockReturnValue(1_060_000)
  expect(await takeAnswer()).toBeUndefined()
  now.mockRestore()
  vi.stubGlobal('caches', undefined)
  expect(await takeAnswer()).toBeUndefined()
})

const sent: { method: string; url: string; body: unknown }[] = []
beforeEach(() => {
  sent.length = 0
  vi.stubGlobal('caches', storage())
  vi.stubGlobal('fetch', async (url: string, { method, body }: RequestInit) => {
    sent.push({ method: method ?? '', url, body: body && JSON.parse(String(body)) })
    throw new TypeError('Failed to fetch')
  })
})

const ring = {
  title: 'Incoming call',
  body: 'One of your matches is calling.',
  tag: 'call:c1',
  url: '/call',
  call_id: 'c1',
  actions: [
    { action: 'accept', title: 'Answer' },
    { action: 'decline', title: 'Decline' },
  ],
}

it('shows a ring with its answers until it is over', async () => {
  const { self, shown, closed } = worker({ visibilityState: 'hidden' })
  await received(self, told(ring))
  expect(shown[0]).toMatchObject({
    title: 'Incoming call',
    options: { tag: 'call:c1', requireInteraction: true, renotify: true, actions: ring.actions },
  })
  await received(self, told({ ...ring, title: 'Call answered', outcome: 'answered', actions: [] }))
  expect(shown[1]?.options).toMatchObject({ tag: 'call:c1', silent: true, renotify: false })
  await received(self, told({ ...ring, title: 'Missed call', outcome: 'missed', actions: [] }))
  expect(shown[2]?.options).toMatchObject({ silent: undefined, requireInteraction: false })
  expect(closed).toEqual([])
})

it('shows every push, and where Heyy is in front only for a moment and without a sound', async () => {
  const { self, shown, closed } = worker(
    { visibilityState: 'hidden' },
    { visibilityState: 'visible' },
  )
  await received(self, told(ring))
  expect(shown[0]?.options.silent).toBe(true)
  expect(closed).toEqual(['Incoming call'])
})

it('shows what it cannot read as well, or the browser ends the subscription', async () => {
  const { self, shown } = worker()
  for (const bad of [null, data('{'), data('null'), data('"text"'), told({ title: 7 })]) {
    await received(self, bad)
  }
  expect(shown.map(({ title }) => title)).toEqual(Array(5).fill('Heyy'))
})

it('leads nowhere outside of this client', async () => {
  for (const url of [
    'https://elsewhere.example',
    '//elsewhere.example',
    'javascript:1',
    undefined,
  ]) {
    const { self, shown } = worker()
    await received(self, told({ title: 'News', url }))
    expect(shown[0]?.options.data).toMatchObject({ url: '/' })
  }
})

it('goes on in the window that is there, the one in front first', async () => {
  const { self, clients } = worker({ visibilityState: 'hidden' }, { visibilityState: 'visible' })
  const pressed = note({ url: '/chats/anna' })
  await clicked(self, pressed, '')
  expect(pressed.close).toHaveBeenCalled()
  expect(clients[1]?.postMessage).toHaveBeenCalledWith({ type: 'open', url: '/chats/anna' })
  expect(clients[0]?.postMessage).not.toHaveBeenCalled()
  expect(self.clients.openWindow).not.toHaveBeenCalled()
})

it('answers a call in a new window, and declines without one', async () => {
  const { self } = worker()
  await clicked(self, note({ url: '/call', call: 'c1' }), 'accept')
  expect(self.clients.openWindow).toHaveBeenCalledWith('/call')
  expect([await takeAnswer(), await takeAnswer()]).toEqual(['c1', undefined])
  await clicked(self, note({ url: '/call', call: 'c1' }), 'decline')
  expect(sent).toEqual([{ method: 'POST', url: '/api/calls/c1/decline', body: undefined }])
  expect(self.clients.openWindow).toHaveBeenCalledTimes(1)
})

it('tells the server where a renewed subscription is', async () => {
  const { self } = worker()
  await renewed(self, { newSubscription: subscription('next') })
  await renewed(self, { oldSubscription: subscription('old', { userVisibleOnly: true }) })
  await renewed(self, {})
  const keys = { p256dh: 'p', auth: 'a' }
  expect(sent.map(({ body }) => body)).toEqual([
    { endpoint: 'next', ...keys },
    { endpoint: 'new', ...keys },
  ])
})
