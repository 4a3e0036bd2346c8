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
  of.page.getByText(line).filter({ visible: true }).allTextContents()

const lines = (what: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${what}, line ${i + 1}`)

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
