import { bubble, match, write } from './couple.ts'
import type { Person } from './person.ts'
import { expect, test } from './test.ts'

test('two people chat; one loses the network, writes on, and everything arrives once and in order', async ({
  member,
}) => {
  test.setTimeout(150_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [adas, bens] = await match(ada, ben)
  await ada.page.goto(`${ada.url}/chats/${bens}`)
  await ben.page.goto(`${ben.url}/chats/${adas}`)

  await test.step('the first line is more than hello', async () => {
    await write(ada, 'hi')
    await expect(ada.page.getByText(/a little more than a greeting/)).toBeVisible()
    await expect(bubble(ben, 'hi')).toBeHidden()
  })

  await test.step('what Ada writes stands on both screens', async () => {
    await write(ada, 'Which tram is that behind you?')
    await expect(bubble(ben, 'Which tram is that behind you?')).toBeVisible()
    await write(ben, 'Number 3, the last one of the night')
    await expect(bubble(ada, 'Number 3, the last one of the night')).toBeVisible()
  })

  await test.step('Ben types, and Ada sees it', async () => {
    await ben.page.getByRole('textbox', { name: /^Message to/ }).pressSequentially('And you')
    await expect(ada.page.getByText('Typing…')).toBeVisible()
  })

  await test.step('Ada is offline, writes twice, and reloads nothing', async () => {
    await ada.page.context().setOffline(true)
    await write(ada, 'I am in a tunnel')
    await write(ada, 'And still in it')
    await write(ben, 'Are you still there?')
    await expect(bubble(ada, 'And still in it')).toBeVisible()
    await expect(bubble(ben, 'I am in a tunnel')).toBeHidden()
  })

  await test.step('back online, all of it is there, once, in one order', async () => {
    await ada.page.context().setOffline(false)
    await expect(bubble(ben, 'And still in it')).toBeVisible({ timeout: 45_000 })
    await expect(bubble(ada, 'Are you still there?')).toBeVisible({ timeout: 45_000 })
    interface History {
      messages: { n: number; text: string }[]
    }
    const stored = async (by: Person, other: string) =>
      (await by.tell<History>('GET', `/api/chats/${other}/messages`)).messages.map((m) => m.text)
    const all = await stored(ada, bens)
    expect(all).toEqual(await stored(ben, adas))
    expect(all.filter((text) => text === 'I am in a tunnel')).toHaveLength(1)
    expect(all.indexOf('And still in it')).toBeLessThan(all.indexOf('I am in a tunnel'))
  })

  await test.step('unread is counted while Ben is elsewhere, and read when he comes back', async () => {
    await ben.page.goto(`${ben.url}/chats`)
    await write(ada, 'Coffee on Saturday?')
    const row = ben.page.getByRole('link', { name: /Coffee on Saturday.*1 new message/ })
    await expect(row).toBeVisible()
    const unread = async () => (await ben.tell<{ unread: number }>('GET', '/api/chats')).unread
    await expect.poll(unread).toBe(1)
    await row.click()
    await expect.poll(unread).toBe(0)
    await expect(ada.page.getByText('Read', { exact: true })).toBeVisible()
  })

  await test.step('the end of the match takes the conversation from both', async () => {
    await ben.tell('DELETE', `/api/matches/${adas}`)
    await expect(ada.page.getByText('This conversation has ended')).toBeVisible()
    await expect(bubble(ada, 'Coffee on Saturday?')).toBeHidden()
  })
})

test('what was written offline survives a reload, and is sent once', async ({ member }) => {
  test.setTimeout(120_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [adas, bens] = await match(ada, ben)
  await ada.page.goto(`${ada.url}/chats/${bens}`)
  await write(ada, 'Something to begin with, please')
  await ben.page.goto(`${ben.url}/chats/${adas}`)
  await expect(bubble(ben, 'Something to begin with, please')).toBeVisible()

  // The server takes the message, and its answer is lost.
  await ada.page.route('**/api/chats/*/messages/*', async (route) => {
    await route.fetch()
    await route.abort()
  })
  await write(ada, 'Did this arrive?')
  await expect(bubble(ben, 'Did this arrive?')).toBeVisible()
  await ada.page.unrouteAll({ behavior: 'ignoreErrors' })
  await ada.page.getByRole('textbox', { name: /^Message to/ }).fill('A draft that stays')
  await ada.page.reload()
  await expect(ada.page.getByRole('textbox', { name: /^Message to/ })).toHaveValue(
    'A draft that stays',
  )
  await expect(bubble(ada, 'Did this arrive?')).toHaveCount(1)
  const { messages } = await ben.tell<{ messages: { text: string }[] }>(
    'GET',
    `/api/chats/${adas}/messages`,
  )
  expect(messages.filter(({ text }) => text === 'Did this arrive?')).toHaveLength(1)
})

test('without network, what was read last can be read again; after signing out, nothing of it', async ({
  member,
}) => {
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [adas, bens] = await match(ada, ben)
  const { page, context } = ada
  await page.goto(`${ada.url}/chats/${bens}`)
  await write(ada, 'Which bridge did you mean?')
  await ben.page.goto(`${ben.url}/chats/${adas}`)
  await write(ben, 'The one with the lions.')
  await expect(bubble(ada, 'The one with the lions.')).toBeVisible()
  await ada.press('Back')
  await expect(page.getByRole('link', { name: /Ben/ })).toContainText('The one with the lions.')
  await page.evaluate(async () => void (await navigator.serviceWorker.ready))
  await page.waitForTimeout(1000) // what was read last is kept

  await context.setOffline(true)
  await page.reload()
  await page.getByRole('link', { name: /Ben/ }).click()
  await expect(bubble(ada, 'The one with the lions.')).toBeVisible()
  await write(ada, 'I walk over it each day.')
  await expect(bubble(ada, 'I walk over it each day.')).toBeVisible()
  await context.setOffline(false)
  await expect(bubble(ben, 'I walk over it each day.')).toBeVisible()

  await ada.cannotBeMet()
  await page.goto(`${ada.url}/me`)
  await ada.press('Sign out')
  await expect(page.getByLabel('Your email')).toBeVisible()
  await page.waitForTimeout(500)
  const left = await page.evaluate(async () => [
    localStorage.getItem('heyy.me'),
    (await indexedDB.databases())
      .map(({ name }) => name)
      .filter((name) => name?.includes('snapshot')),
  ])
  expect(left).toEqual([null, []])
})
