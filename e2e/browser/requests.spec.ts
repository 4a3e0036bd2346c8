import { bubble, write } from './couple.ts'
import { expect, test } from './test.ts'

test('a stranger asks for a chat; who is asked reads it unseen, and accepts; and ends it', async ({
  member,
}) => {
  test.setTimeout(120_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const chats = async () => (await ada.tell<{ chats: object[] }>('GET', '/api/chats')).chats

  const room = await ada.open('Requests')
  await ben.page.goto(room)
  await ben.press('Listen in')

  await test.step('nobody can be asked who has not said so', async () => {
    await ben.press(/^Ada/)
    await expect(ben.page.getByRole('dialog').getByText('English')).toBeVisible()
    await expect(ben.button(/^Write to/)).toBeHidden()
    await ben.page.keyboard.press('Escape')
  })

  await test.step('Ada takes requests', async () => {
    await ada.page.getByRole('link', { name: 'Me' }).click()
    await ada.page.getByRole('switch', { name: /people I haven’t matched with/ }).check()
    await expect
      .poll(async () => (await ada.tell<{ requests: boolean }>('GET', '/api/me')).requests)
      .toBe(true)
  })

  await test.step('Ben sends one message', async () => {
    await ben.page.reload()
    await ben.press(/^Ada/)
    await ben.press(/^Write to/)
    await expect(ben.page.getByRole('heading', { name: /Send .*Ada.* one message/ })).toBeVisible()
    await write(ben, 'What was the song before the last?')
    await expect(bubble(ben, 'What was the song before the last?')).toBeVisible()
    await expect(ben.page.getByRole('heading', { name: /Waiting for .*Ada/ })).toBeVisible()
    await expect(ben.page.getByRole('textbox', { name: /^Message to/ })).toBeHidden()
  })

  await test.step('Ada reads it, and Ben sees nothing of that', async () => {
    await ada.page.getByRole('link', { name: 'Chats', exact: false }).first().click()
    await ada.page.getByRole('link', { name: /1 person wants to chat/ }).click()
    await ada.page.getByRole('link', { name: /Ben.*What was the song/ }).click()
    await expect(bubble(ada, 'What was the song before the last?')).toBeVisible()
    expect(await chats()).toHaveLength(0)
    await ada.page.waitForTimeout(2500) // as long as it takes to be read
    await expect(ben.page.getByText('Read', { exact: true })).toBeHidden()
  })

  await test.step('accepted, they write to each other', async () => {
    await ada.press('Accept')
    await expect(ben.page.getByRole('textbox', { name: /^Message to/ })).toBeVisible()
    await write(ada, 'The one about the harbour')
    await expect(bubble(ben, 'The one about the harbour')).toBeVisible()
    await write(ben, 'I thought so')
    await expect(bubble(ada, 'I thought so')).toBeVisible()
  })

  await test.step('a name from right to left is cut at its end, not at its beginning', async () => {
    const name = 'عبد الرحمن الأندلسي الكبير'
    const { page } = ben
    const size = page.viewportSize() ?? { width: 390, height: 844 }
    await ada.tell('PATCH', '/api/me', { name })
    await page.setViewportSize({ width: 320, height: 640 })
    await page.reload()
    const shown = page.getByRole('heading', { level: 1 }).getByText(name, { exact: true })
    const cut = await shown.evaluate((el) => {
      const first = document.createRange()
      first.setStart(el.firstChild ?? el, 0)
      first.setEnd(el.firstChild ?? el, 1)
      const { left, right } = first.getBoundingClientRect()
      const box = (el.closest('h1') ?? el).getBoundingClientRect()
      return {
        isCut: el.scrollWidth > el.clientWidth,
        left: left - box.left,
        over: right - box.right,
      }
    })
    expect(cut.isCut).toBe(true)
    expect(cut.left).toBeGreaterThanOrEqual(0)
    expect(cut.over).toBeLessThanOrEqual(1)
    await page.setViewportSize(size)
    await ada.tell('PATCH', '/api/me', { name: 'Ada' })
    await page.reload()
  })

  await test.step('Ada ends it, and Ben cannot ask again', async () => {
    await ben.press('Record a voice message')
    await expect(ben.button('Stop and listen first')).toBeVisible()
    await ben.page.waitForTimeout(1500)
    await ada.press('End the conversation')
    await ada.page.getByRole('alertdialog').getByRole('button', { name: 'End it' }).click()
    await expect(
      ben.page.getByRole('heading', { name: 'This conversation has ended' }),
    ).toBeVisible()
    const card = await ben.tell<{ chat?: string }>(
      'GET',
      `/api/people/${(await ada.tell<{ id: string }>('GET', '/api/me')).id}`,
    )
    expect(card.chat).toBeUndefined()
    // What he was saying meanwhile is kept nowhere.
    await expect.poll(() => ben.page.evaluate(unsent)).toBe(0)
  })
})

/** How many drafts and messages wait in this browser. */
async function unsent(): Promise<number> {
  const opening = indexedDB.open('heyy')
  await new Promise((done) => opening.addEventListener('success', done))
  const counting = opening.result.transaction('unsent').objectStore('unsent').count()
  await new Promise((done) => counting.addEventListener('success', done))
  opening.result.close()
  return counting.result
}
