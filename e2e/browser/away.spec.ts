import { bubble, match, write } from './couple.ts'
import type { Person } from './person.ts'
import { freeTcp, freeUdp } from './ports.ts'
import { Relay } from './relay.ts'
import { Server } from './server.ts'
import { A, B, expect, test } from './test.ts'

interface History {
  messages: { n: number; text: string }[]
  unread: number
}

/** What the server has of a chat, the oldest first. */
async function stored(by: Person, other: string): Promise<string[]> {
  const { messages } = await by.tell<History>('GET', `/api/chats/${other}/messages?limit=100`)
  return messages.toReversed().map(({ text }) => text)
}

/** The lines of a conversation as they stand on a screen, from top to bottom. */
const shown = (of: Person, line: RegExp) =>
  of.page
    .getByText(line)
    .filter({ visible: true })
    .allTextContents()

const lines = (what: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${what}, line ${i + 1}`)

test('a page that the browser froze shows, once and in order, what came meanwhile', async ({
  member,
}) => {
  test.setTimeout(120_000)
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const [adas, bens] = await match(ada, ben)
  await ben.page.goto(`${ben.url}/chats/${adas}`)
  const lifecycle = await ada.context.newCDPSession(ada.page)
  const freeze = (state: 'frozen' | 'active') =>
    lifecycle.send('Page.setWebLifecycleState', { state })

  await test.step('in the list of chats, the messages are counted as unread', async () => {
    await ada.page.goto(`${ada.url}/chats`)
    await write(ben, 'Which tram is that behind you?')
    await expect(ada.page.getByRole('link', { name: /^Ben.*1 new message/ })).toBeVisible()
    await freeze('frozen')
    await ben.page.waitForTimeout(1000) // until it is
    for (const text of lines('While the list was frozen', 4)) await write(ben, text)
    await expect(bubble(ben, 'While the list was frozen, line 4')).toBeVisible()
    await expect.poll(() => stored(ben, adas)).toHaveLength(5)
    await freeze('active')
    const row = ada.page.getByRole('link', { name: /frozen, line 4.*5 new messages/ })
    await expect(row).toBeVisible({ timeout: 30_000 })
    await row.click()
    await expect(bubble(ada, 'While the list was frozen, line 4')).toBeVisible()
    await expect
      .poll(async () => (await ada.tell<History>('GET', '/api/chats')).unread)
      .toBe(0)
  })

  await test.step('in the conversation, they are there when it is active, and read then', async () => {
    await freeze('frozen')
    await ben.page.waitForTimeout(1000) // until it is
    const said = lines('While the conversation was frozen', 5)
    for (const text of said) await write(ben, text)
    await expect.poll(() => stored(ben, adas)).toHaveLength(10)
    // Nobody has read what a frozen page cannot show.
    const { unread } = await ada.tell<History>('GET', `/api/chats/${bens}/messages`)
    expect(unread).toBe(5)
    await freeze('active')
    await expect(bubble(ada, said.at(-1) ?? '')).toBeVisible({ timeout: 30_000 })
    expect(await shown(ada, /^While the conversation was frozen/)).toEqual(said)
    await expect
      .poll(async () => (await ada.tell<History>('GET', '/api/chats')).unread)
      .toBe(0)
    expect(await stored(ada, bens)).toEqual(await stored(ben, adas))
  })
  await Promise.all([ada.cannotBeMet(), ben.cannotBeMet()])
})

// The long cuts are for `make soak`.
for (const seconds of process.env.HEYY_SOAK ? [5, 30, 300] : [5]) {
  test(`after the network was gone for ${seconds} s nothing is missing in a conversation, and nothing doubled`, async ({
    member,
  }) => {
    test.setTimeout(180_000 + seconds * 2000)
    const [port, udp] = [await freeTcp(), await freeUdp()]
    const server = await Server.start('--public-url', `http://localhost:${port}`)
    const relay = new Relay(port, udp, { tcp: server.port, udp: server.udpPort })
    try {
      const ada = await member('Ada', { hz: A, url: server.url })
      const ben = await member('Ben', { hz: B, url: `http://localhost:${port}` })
      const [adas, bens] = await match(ada, ben)
      await ada.page.goto(`${ada.url}/chats/${bens}`)
      await ben.page.goto(`${ben.url}/chats/${adas}`)
      await write(ada, 'Which tram is that behind you?')
      await expect(bubble(ben, 'Which tram is that behind you?')).toBeVisible()

      relay.cut()
      const away = lines('Ben is away', 8)
      const tunnel = lines('Ben is in a tunnel', 3)
      for (const text of away) await write(ada, text)
      for (const text of tunnel) await write(ben, text)
      await expect.poll(() => stored(ada, bens)).toHaveLength(1 + away.length)
      await ben.page.waitForTimeout(seconds * 1000)
      expect(await shown(ben, /^Ben is away/)).toEqual([])
      relay.mend()

      for (const [who, text] of [
        [ben, away.at(-1) ?? ''],
        [ada, tunnel.at(-1) ?? ''],
      ] as const) {
        await expect(bubble(who, text)).toBeVisible({ timeout: 60_000 })
      }
      const all = ['Which tram is that behind you?', ...away, ...tunnel]
      await expect.poll(() => stored(ada, bens)).toEqual(all)
      expect(await stored(ben, adas)).toEqual(all)
      for (const who of [ada, ben]) {
        await expect.poll(() => shown(who, /^(Which tram|Ben is)/)).toEqual(all)
      }
    } finally {
      relay.close()
      await server.stop()
    }
  })
}
