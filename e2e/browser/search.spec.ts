import { randomUUID } from 'node:crypto'
import { bubble, match } from './couple.ts'
import type { Person } from './person.ts'
import { expect, test } from './test.ts'

const LENGTH = 240
const HIT = 40
const line = (n: number) => (n === HIT ? 'The lighthouse at Genova' : `Line ${n} of many`)

const log = (of: Person) => of.page.getByRole('log')
const newest = (of: Person) => of.page.getByRole('button', { name: 'Jump to newest' })
const search = (of: Person) => of.page.getByRole('searchbox')

/** Scrolls down to the end, and returns the numbers of all lines that came by. */
async function scrollDown(of: Person): Promise<Set<number>> {
  const seen = new Set<number>()
  const collect = async () => {
    for (const text of await log(of).getByRole('listitem').allInnerTexts()) {
      for (const [, n] of text.matchAll(/Line (\d+) of many/g)) seen.add(Number(n))
    }
  }
  for (let step = 0; step < 200; step++) {
    await collect()
    if (await newest(of).isHidden()) return seen
    await log(of).evaluate((el) => el.scrollBy(0, 260))
    await of.page.waitForTimeout(50)
  }
  throw new Error('the end never came')
}

test('a message from long ago is found, opened, and from there all lines lead to the newest', async ({
  member,
}) => {
  test.setTimeout(240_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [adas, bens] = await match(ada, ben)
  for (let n = 1; n <= LENGTH; n++) {
    const [by, to] = n % 2 === 0 ? [ada, bens] : [ben, adas]
    await by.tell('PUT', `/api/chats/${to}/messages/${randomUUID()}`, {
      text: line(n),
      ...(n === LENGTH ? { reply: 10 } : {}),
    })
  }

  await test.step('searched in all chats while one types', async () => {
    await ada.page.goto(`${ada.url}/chats`)
    await search(ada).pressSequentially('LIGHTH')
    const found = ada.page.getByRole('link', { name: /Ben.*The lighthouse at Genova/ })
    await expect(found).toBeVisible()
    await expect(found.locator('mark')).toHaveText('lighthouse')
    await search(ada).press('ArrowDown')
    await ada.page.keyboard.press('Enter')
    await expect(ada.page).toHaveURL(new RegExp(`at=${HIT}$`))
    await expect(bubble(ada, line(HIT))).toBeInViewport()
    await expect(bubble(ada, line(LENGTH))).toBeHidden()
    await expect(newest(ada)).toBeVisible()
  })

  await test.step('every line from there to the newest comes by', async () => {
    const seen = await scrollDown(ada)
    const missing = []
    for (let n = HIT + 1; n <= LENGTH; n++) if (!seen.has(n)) missing.push(n)
    expect(missing).toEqual([])
    await expect(bubble(ada, line(LENGTH))).toBeInViewport()
  })

  await test.step('a quote leads to what it quotes', async () => {
    await ada.page.getByRole('button', { name: /Line 10 of many/ }).click()
    await expect(bubble(ada, line(11))).toBeInViewport()
    await expect(bubble(ada, line(LENGTH))).toBeHidden()
  })

  await test.step('what is written meanwhile is there at the newest', async () => {
    await ben.tell('PUT', `/api/chats/${adas}/messages/${randomUUID()}`, { text: 'Are you there?' })
    await newest(ada).click()
    await expect(bubble(ada, 'Are you there?')).toBeInViewport()
  })

  await test.step('searched in this one alone', async () => {
    await ada.page.getByRole('button', { name: /^Search messages with/ }).click()
    await search(ada).fill('genova light')
    await ada.page.getByRole('link', { name: /The lighthouse at Genova/ }).click()
    await expect(bubble(ada, line(HIT))).toBeInViewport()
    await ada.page.goBack()
    await expect(search(ada)).toHaveValue('genova light')
    await expect(ada.page.getByRole('link', { name: /The lighthouse at Genova/ })).toBeVisible()
  })

  await test.step('the end of the match takes it from both', async () => {
    await ada.page.goto(`${ada.url}/chats?q=lighthouse`)
    await expect(ada.page.getByRole('link', { name: /The lighthouse at Genova/ })).toBeVisible()
    await ben.tell('DELETE', `/api/matches/${adas}`)
    await expect(ada.page.getByRole('link', { name: /The lighthouse at Genova/ })).toBeHidden()
    const { found } = await ben.tell<{ found: unknown[] }>('GET', '/api/chats/search?q=lighthouse')
    expect(found).toEqual([])
  })
  await Promise.all([ada.cannotBeMet(), ben.cannotBeMet()])
})
