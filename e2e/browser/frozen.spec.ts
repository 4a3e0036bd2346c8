import puppeteer, { type Page } from 'puppeteer-core'
import { chromiumHere } from '../../scripts/chromium.mjs'
import { bubble, match, write } from './couple.ts'
import type { Person } from './person.ts'
import { expect, test } from './test.ts'

const FROZEN_MS = 8000

interface History {
  messages: { n: number; text: string }[]
}

async function stored(by: Person, other: string): Promise<string[]> {
  const { messages } = await by.tell<History>('GET', `/api/chats/${other}/messages?limit=100`)
  return messages.toReversed().map(({ text }) => text)
}

/** The lines of a conversation as they stand in a page, from top to bottom. */
const shown = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('p, span')]
      .filter((one) => one.childElementCount === 0 && /, line \d+$/.test(one.textContent ?? ''))
      .map((one) => one.textContent ?? ''),
  )

// Playwright emulates the focus of every page, and a page that has it is never frozen: here
// another driver opens it, and what its timers did meanwhile proves that it was.
test('a page that the browser has frozen comes back with everything, once and in order', async ({
  member,
}) => {
  test.setTimeout(120_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [adas, bens] = await match(ada, ben)
  await ada.page.goto(`${ada.url}/chats/${bens}`)
  const browser = await puppeteer.launch({
    executablePath: chromiumHere({ prompts: false }),
    args: ['--no-sandbox', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage()
    for (const { name, value } of await ben.context.cookies()) {
      await browser.setCookie({ name, value, domain: new URL(ben.url).hostname, path: '/' })
    }
    await ben.page.close()
    await page.goto(`${ben.url}/chats/${adas}`)
    await write(ada, 'Before the ice, line 1')
    await expect.poll(() => shown(page)).toEqual(['Before the ice, line 1'])
    await expect(ada.page.getByText('Read', { exact: true })).toBeVisible()

    await page.evaluate(() => {
      const heard: string[] = []
      let last = performance.now()
      let gap = 0
      for (const kind of ['freeze', 'resume']) {
        document.addEventListener(kind, () => heard.push(kind))
      }
      setInterval(() => {
        gap = Math.max(gap, performance.now() - last)
        last = performance.now()
      }, 50)
      Object.assign(window, { lifecycle: () => ({ heard, gap }) })
    })
    const cdp = await page.createCDPSession()
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
    for (const n of [2, 3, 4]) await write(ada, `Under the ice, line ${n}`)
    const all = ['Before the ice, line 1', ...[2, 3, 4].map((n) => `Under the ice, line ${n}`)]
    await expect.poll(() => stored(ada, bens)).toEqual(all)
    await ada.page.waitForTimeout(FROZEN_MS)
    // Whoever is not there has read nothing.
    expect(await ben.tell<{ chats: { unread: number }[] }>('GET', '/api/chats')).toMatchObject({
      chats: [{ unread: 3 }],
    })

    await cdp.send('Page.setWebLifecycleState', { state: 'active' })
    await cdp.send('Emulation.setFocusEmulationEnabled', { enabled: true }) // looked at again
    await expect.poll(() => shown(page), { timeout: 20_000 }).toEqual(all)
    const { heard, gap } = await page.evaluate(() =>
      (window as unknown as { lifecycle(): { heard: string[]; gap: number } }).lifecycle(),
    )
    expect(heard).toEqual(['freeze', 'resume'])
    expect(gap).toBeGreaterThan(FROZEN_MS / 2)
    await expect
      .poll(async () => (await ben.tell<{ unread: number }>('GET', '/api/chats')).unread)
      .toBe(0)

    await page.type('textarea', 'After the ice, line 5')
    await page.click('button[aria-label="Send"]')
    await expect(bubble(ada, 'After the ice, line 5')).toBeVisible()
    expect(await stored(ada, bens)).toEqual([...all, 'After the ice, line 5'])
  } finally {
    await browser.close()
  }
})
