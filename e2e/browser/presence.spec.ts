import { match } from './couple.ts'
import { expect, test } from './test.ts'

test('Ada sees when Ben is there, in which room, and nothing once he hides or has gone', async ({
  member,
}) => {
  test.setTimeout(180_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [, bens] = await match(ada, ben)
  await ben.page.goto(`${ben.url}/me`)
  await ada.page.goto(`${ada.url}/chats`)
  // Not his place in the strip of those who are on a stage.
  const row = ada.page.locator(`main a[href="/chats/${bens}"]`)
  const status = ben.page.getByRole('group', { name: 'How friends see you' })

  await test.step('he is online, in the list and in the conversation', async () => {
    await expect(row).toContainText('Online')
    await row.click()
    await expect(ada.page.locator('header').getByText('Online')).toBeVisible()
  })

  await test.step('he hides, and she sees nothing', async () => {
    await status.getByRole('radio', { name: 'Invisible' }).click()
    await expect(ada.page.locator('header').getByText('Online')).toBeHidden()
    const { people } = await ada.tell<{ people: object[] }>('GET', '/api/presence')
    expect(people).toEqual([])
    await expect(ben.page.getByText('Friends see you as offline.')).toBeVisible()
  })

  await test.step('he wants no calls, and her call rings nowhere', async () => {
    await status.getByRole('radio', { name: 'Do not disturb' }).click()
    await expect(ada.page.locator('header').getByText('Do not disturb')).toBeVisible()
    await ada.tell('POST', `/api/people/${bens}/call`)
    const mine = await ben.tell<{ call?: object }>('GET', '/api/call')
    expect(mine.call).toBeUndefined()
    const ring = await ada.tell<{ call?: { id: string } }>('GET', '/api/call')
    await ada.tell('POST', `/api/calls/${ring.call?.id}/leave`)
  })

  await test.step('he shows his rooms, and she follows him into one', async () => {
    await status.getByRole('radio', { name: 'Visible', exact: true }).click()
    await ben.page.getByRole('switch', { name: 'Show friends which room I’m in' }).click()
    await ben.page.goto(ben.url)
    await ben.open('Late talk')
    const room = ada.page.locator('header').getByRole('link', { name: /Late talk/ })
    await expect(room).toBeVisible({ timeout: 20_000 })
    await room.click()
    await expect(ada.page.getByRole('heading', { name: 'Late talk' })).toBeVisible()
  })

  await test.step('he closes Heyy, and half a minute later he is offline', async () => {
    await ada.page.goto(`${ada.url}/chats`)
    await expect(row).toContainText('In a room')
    await ben.page.goto('about:blank')
    await expect(row).toContainText('Online', { timeout: 40_000 })
    await expect(row).not.toContainText('Online', { timeout: 60_000 })
  })
})
