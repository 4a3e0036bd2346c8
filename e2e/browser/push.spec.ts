import type { CDPSession, Worker } from '@playwright/test'
import { chromiumHere } from '../../scripts/chromium.mjs'
import { match } from './couple.ts'
import { Gateway, type Push } from './gateway.ts'
import type { Person } from './person.ts'
import { Server } from './server.ts'
import { A, B, test as base, expect } from './test.ts'

const test = base.extend<object, { gateway: Gateway }>({
  // The headless shell shows no notifications.
  home: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => use(() => ({ program: chromiumHere({ prompts: true }), args: [] })),
    { scope: 'worker' },
  ],
  gateway: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => {
      const gateway = await Gateway.start()
      await use(gateway)
      await gateway.stop()
      expect(gateway.refused, 'what the push service had to refuse').toEqual([])
    },
    { scope: 'worker' },
  ],
  heyy: [
    async ({ gateway }, use) => {
      const server = await Server.startAt(
        'localhost',
        ['env', `SSL_CERT_FILE=${gateway.certificate}`],
        '--push-allow-loopback-for-tests',
        ...['--push-contact', 'mailto:operator@example.org'],
      )
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],
})

/** A browser that takes pushes: its real service worker, and what the push service has for it. */
class Phone {
  private constructor(
    readonly person: Person,
    private readonly wire: CDPSession,
    private readonly registration: string,
    private readonly gateway: Gateway,
  ) {}

  static async of(person: Person, gateway: Gateway): Promise<Phone> {
    // Beside the app, so that it is there when the app is closed.
    const beside = await person.context.newPage()
    const wire = await person.context.newCDPSession(beside)
    const registration = new Promise<string>((found) =>
      wire.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const ours = registrations.find((one) => one.scopeURL.startsWith(person.url))
        if (ours) found(ours.registrationId)
      }),
    )
    await wire.send('ServiceWorker.enable')
    return new Phone(person, wire, await registration, gateway)
  }

  /** The next push, once it has come. */
  async next(): Promise<Push> {
    const all: Push[] = []
    await expect
      .poll(() => all.push(...this.gateway.fresh(this.person.context)), {
        message: 'a push comes',
        timeout: 10_000,
      })
      .toBeGreaterThan(0)
    expect(all, 'one push').toHaveLength(1)
    return all[0] as Push
  }

  nothing(why: string): void {
    expect(this.gateway.fresh(this.person.context), why).toEqual([])
  }

  /** Gives a push to the service worker, as the browser does. */
  async receive(push: Push): Promise<void> {
    await this.wire.send('ServiceWorker.deliverPushMessage', {
      origin: this.person.url,
      registrationId: this.registration,
      data: JSON.stringify(push),
    })
  }

  async worker(): Promise<Worker> {
    const { context } = this.person
    return context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
  }

  /** Closes the app; its service worker is told of that a moment later. */
  async close(): Promise<void> {
    await this.person.page.goto('about:blank')
    const worker = await this.worker()
    const windows = () =>
      worker.evaluate(async () => {
        const { clients } = self as unknown as ServiceWorkerGlobalScope
        return (await clients.matchAll({ type: 'window', includeUncontrolled: true })).length
      })
    await expect.poll(windows).toBe(0)
  }

  /** What lies on the screen of the phone. */
  async shown(): Promise<{ title: string; body: string; actions: string[] }[]> {
    const worker = await this.worker()
    return worker.evaluate(async () => {
      const { registration } = self as unknown as ServiceWorkerGlobalScope
      const all = await registration.getNotifications()
      return all.map((one) => ({
        title: one.title,
        body: one.body,
        actions: (one as unknown as { actions: { title: string }[] }).actions.map((a) => a.title),
      }))
    })
  }

  /** Wipes everything away. */
  async clear(): Promise<void> {
    const worker = await this.worker()
    await worker.evaluate(async () => {
      const { registration } = self as unknown as ServiceWorkerGlobalScope
      for (const one of await registration.getNotifications()) one.close()
    })
  }

  /** Presses a button of the only notification. Gives the address that a new window would open. */
  async press(action: string): Promise<string | undefined> {
    const worker = await this.worker()
    return worker.evaluate(async (action) => {
      const here = self as unknown as ServiceWorkerGlobalScope
      let notification: Notification | undefined
      for (let tries = 0; !notification && tries < 50; tries++) {
        notification = (await here.registration.getNotifications())[0]
        await new Promise((done) => setTimeout(done, 100))
      }
      let opened: string | undefined
      // Only a person's press may open a window.
      Object.assign(Clients.prototype, {
        openWindow: async (url: string) => {
          opened = url
          return null
        },
      })
      try {
        here.dispatchEvent(
          new NotificationEvent('notificationclick', { notification, action } as never),
        )
      } catch {
        // waitUntil takes none but the browser's own events.
      }
      await new Promise((done) => setTimeout(done, 300))
      return opened
    }, action)
  }
}

/** Turns notifications on, by their switch. */
async function turnOn(who: Person, gateway: Gateway): Promise<Phone> {
  gateway.vapidKey = (await who.tell<{ key: string }>('GET', '/api/push-key')).key
  const { page, url } = who
  await page.goto(`${url}/me/notifications`)
  const here = page.getByRole('switch', { name: 'Notify me in this browser' })
  await here.check()
  await expect(page.getByText('You’ll hear from us here')).toBeVisible()
  await page.reload()
  await expect(here).toBeChecked()
  return Phone.of(who, gateway)
}

test('a call finds a closed phone, is answered from its notification, and both hear each other', async ({
  member,
  gateway,
}) => {
  test.setTimeout(120_000)
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B, before: (context) => gateway.take(context) })
  const [, benId] = await match(ada, ben)

  const phone = await turnOn(ben, gateway)

  await test.step('while Heyy is in front, a notification goes at once', async () => {
    await phone.receive({
      kind: 'match',
      title: 'It’s a match',
      body: '',
      tag: 'match',
      url: '/chats',
    })
    await expect.poll(() => phone.shown()).toEqual([])
  })

  await phone.close()
  const ring = async () => {
    await phone.clear()
    await ada.tell('POST', `/api/people/${benId}/call`)
    const push = await phone.next()
    expect(push.kind).toBe('call_ring')
    await phone.receive(push)
    await expect
      .poll(() => phone.shown())
      .toEqual([
        {
          title: 'Incoming call',
          body: 'One of your matches is calling.', // no name, unless he allows it
          actions: ['Answer', 'Decline'],
        },
      ])
    return push.call_id as string
  }

  await test.step('declining ends the ring', async () => {
    await ada.page.goto(`${ada.url}/chats`)
    const call = await ring()
    expect(await phone.press('decline')).toBeUndefined()
    await expect
      .poll(async () => (await ben.tell<{ state: string }>('GET', `/api/calls/${call}`)).state)
      .toBe('ended')
    const over = await phone.next()
    await phone.receive(over)
    await expect.poll(() => phone.shown()).toMatchObject([{ title: 'Call declined', actions: [] }])
    await ada.tell('POST', `/api/calls/${call}/leave`) // to her it rings until its time is over
  })

  await test.step('a ring that is over is replaced by a missed call', async () => {
    const call = await ring()
    await ada.tell('POST', `/api/calls/${call}/leave`)
    await phone.receive(await phone.next())
    await expect.poll(() => phone.shown()).toMatchObject([{ title: 'Missed call', actions: [] }])
  })

  await test.step('answering opens Heyy, and both hear each other', async () => {
    await phone.clear()
    await ada.page.goto(`${ada.url}/chats/${benId}`)
    await ada.press(/^Call/)
    const push = await phone.next()
    await phone.receive(push)
    const url = await phone.press('accept')
    expect(url).toBe('/call')
    await ben.page.goto(ben.url + url)
    await ada.hears(B, 'Ada hears Ben')
    await ben.hears(A, 'Ben hears Ada')
    const over = await phone.next()
    expect(over).toMatchObject({ outcome: 'answered', tag: push.tag })
    await phone.receive(over)
    await expect.poll(() => phone.shown(), 'he sees it in Heyy').toEqual([])
    await ada.press('Leave the call')
  })

  await test.step('what happened is in the centre, and seen there on all devices', async () => {
    const { page } = ben
    const other = await ben.context.newPage()
    await other.goto(`${ben.url}/chats`)
    const bell = other.getByRole('link', { name: /^Notifications, \d new$/ })
    await expect(bell).toBeVisible()
    await page.goto(`${ben.url}/notifications`)
    await expect(page.getByText('You missed a call from')).toBeVisible()
    await expect(page.getByText('You answered a call from')).toBeVisible()
    await expect(other.getByRole('link', { name: 'Notifications', exact: true })).toBeVisible()
  })
})

test('a message is pushed unless it is read at once', async ({ member, gateway }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B, before: (context) => gateway.take(context) })
  const [adaId, benId] = await match(ada, ben)
  const phone = await turnOn(ben, gateway)
  const write = (n: number, text: string) =>
    ada.tell('PUT', `/api/chats/${benId}/messages/0193f3a0-0000-7000-8000-00000000000${n}`, {
      text,
    })

  await ben.page.goto(`${ben.url}/chats/${adaId}`)
  await write(1, 'Are you there, Ben?')
  await expect(ben.page.getByText('Are you there, Ben?', { exact: true })).toBeVisible()
  await ben.page.waitForTimeout(5000)
  phone.nothing('he has read it')

  await phone.close()
  await write(2, 'And now? My window is open.')
  const push = await phone.next()
  expect(push).toMatchObject({ kind: 'message', url: `/chats/${adaId}` })
  expect(JSON.stringify(push)).not.toMatch(/window|Ada/)
  await phone.receive(push)
  const url = await phone.press('')
  expect(url).toBe(`/chats/${adaId}`)
  await ben.page.goto(ben.url + url)
  await expect(ben.page.getByText('And now? My window is open.', { exact: true })).toBeVisible()
})
