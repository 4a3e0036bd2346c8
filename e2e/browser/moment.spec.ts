import { match, voice } from './couple.ts'
import type { Person } from './person.ts'
import { expect, test } from './test.ts'

interface Rail {
  mine: { id: string; ms: number; text: string; audience: string }[]
  people: { person: { id: string }; moments: { id: string; heard: boolean }[] }[]
}

const rail = (of: Person) => of.tell<Rail>('GET', '/api/moments')
const inRail = (of: Person, name: RegExp) => of.page.getByRole('link', { name })

test('Ada posts a moment, Ben hears it and answers by voice, and with the match it ends', async ({
  member,
}) => {
  test.setTimeout(180_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [, bens] = await match(ada, ben)
  await ada.page.goto(`${ada.url}/chats`)
  await ben.page.goto(`${ben.url}/chats`)

  await test.step('recorded, it is a draft that stays over a reload', async () => {
    await ada.press('New moment')
    await ada.press('Record a moment')
    await ada.page.waitForTimeout(4000)
    await ada.press('Stop recording')
    await expect(ada.button('Post')).toBeVisible()
    await ada.page.reload()
    await ada.press('New moment')
    await ada.press('Listen')
    await ada.hears(ada.hz, 'Ada hears her own draft')
  })

  await test.step('offline it says so and stays; back, it is posted to matches', async () => {
    await ada.page.getByRole('textbox').fill('The number 3, at night')
    await ada.page.context().setOffline(true)
    await ada.press('Post')
    await expect(ada.page.getByText('You’re offline.')).toBeVisible({ timeout: 20_000 })
    await ada.page.context().setOffline(false)
    await expect(ada.page.getByRole('radio', { name: 'Matches' })).toBeChecked()
    await ada.press('Post')
    await expect(ada.page.getByText('Posted.')).toBeVisible()
    const { mine } = await rail(ada)
    expect(mine).toHaveLength(1)
    expect(mine[0]).toMatchObject({ text: 'The number 3, at night', audience: 'matches' })
    expect(mine[0]?.ms).toBeGreaterThan(2500)
    await expect(inRail(ada, /Your moments/)).toBeVisible()
  })

  await test.step('Ben is told, and hears Ada', async () => {
    await inRail(ben, /Ada.*1 new moment/).click()
    await expect(ben.page.getByRole('heading', { level: 1, name: 'Ada' })).toBeVisible()
    await ben.hears(ada.hz, 'Ben hears what Ada recorded')
    await ben.press('Text')
    await expect(ben.page.getByText('The number 3, at night')).toBeVisible()
    await expect.poll(async () => (await rail(ben)).people[0]?.moments[0]?.heard).toBe(true)
  })

  await test.step('he answers by holding, in private', async () => {
    const box = await ben.button('Answer by voice').boundingBox()
    if (!box) throw new Error('no microphone')
    await ben.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await ben.page.mouse.down()
    await expect(ben.page.getByText('Slide up to lock')).toBeVisible()
    await ben.hearsNothing(ada.hz, 'what plays gives way to the microphone')
    await ben.page.waitForTimeout(3000)
    await ben.page.mouse.up()
    await expect(ben.page.getByText(/Your answer is in your chat with/)).toBeVisible()
    await ben.page.keyboard.press('Escape')
    await expect(inRail(ben, /Ada.*no new moments/)).toBeVisible()
  })

  await test.step('Ada hears it in the chat, where it says what it answers', async () => {
    await ada.page.goto(`${ada.url}/chats/${bens}`)
    await expect(ada.page.getByText('Answer to your moment')).toBeVisible({ timeout: 20_000 })
    await ada.page.getByRole('button', { name: /^Play voice message/ }).click()
    await ada.hears(ben.hz, 'Ada hears what Ben answered')
  })

  await test.step('after the end of the match it is gone for Ben, and stays Ada’s own', async () => {
    const [own] = (await rail(ada)).mine
    const address = (of: Person) => `${of.url}/api/moments/${own?.id}/audio`
    expect((await ben.context.request.get(address(ben))).status()).toBe(200)
    await ada.tell('DELETE', `/api/matches/${bens}`)
    expect((await ben.context.request.get(address(ben))).status()).toBe(404)
    expect((await rail(ben)).people).toHaveLength(0)
    await expect(inRail(ben, /Ada/)).toBeHidden()
    expect((await ada.context.request.get(address(ada))).status()).toBe(200)
    await ada.page.goto(`${ada.url}/chats`)
    await inRail(ada, /Your moments/).click()
    await ada.hears(ada.hz, 'Ada hears her own')
    await ada.press('Remove moment')
    await expect(ada.page.getByText(/Moment removed/)).toBeVisible()
    expect((await ada.context.request.get(address(ada))).status()).toBe(404)
  })
})

test('a moment for everyone is answered by whoever has never met its author, as a request', async ({
  member,
}) => {
  test.setTimeout(180_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  await ada.canBeMet('woman', voice)
  await ben.canBeMet('man', voice)
  await ada.tell('PUT', '/api/me/chats', { requests: true, limit: 0 })

  await test.step('Ada posts for everyone', async () => {
    await ada.page.goto(`${ada.url}/chats`)
    await ada.press('New moment')
    await ada.press('Record a moment')
    await ada.page.waitForTimeout(4000)
    await ada.press('Stop recording')
    await ada.page.getByRole('radio', { name: 'Everyone' }).click()
    await ada.press('Post')
    await expect(ada.page.getByText('Posted.')).toBeVisible()
  })

  await test.step('Ben hears it in Discover, and answers once', async () => {
    await expect
      .poll(async () => (await ben.tell<Rail>('GET', '/api/discover/moments')).people.length)
      .toBe(1) // the index of Discover is a second behind
    await ben.page.goto(`${ben.url}/discover`)
    await inRail(ben, /Ada.*1 new moment/).click()
    await ben.hears(ada.hz, 'Ben hears what Ada recorded')
    await expect(ben.page.getByText(/Send one message/)).toBeVisible()
    await ben.press('Answer by voice') // asks for the chat
    await expect(ben.page.getByText(/Hold to answer/)).toBeVisible()
    const box = await ben.button('Answer by voice').boundingBox()
    if (!box) throw new Error('no microphone')
    await ben.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await ben.page.mouse.down()
    await expect(ben.page.getByText('Slide up to lock')).toBeVisible()
    await ben.page.waitForTimeout(3000)
    await ben.page.mouse.up()
    await expect(ben.page.getByText(/Your answer is in your chat with/)).toBeVisible()
    await expect(ben.page.getByText(/Waiting for .*Ada/)).toBeVisible()
    await expect(ben.button('Answer by voice')).toBeHidden()
  })

  await test.step('Ada hears it among her requests', async () => {
    await ada.page.getByRole('link', { name: /1 person wants to chat/ }).click()
    await ada.page.getByRole('link', { name: /Ben/ }).click()
    await expect(ada.page.getByText('Answer to your moment')).toBeVisible({ timeout: 20_000 })
    await ada.page.getByRole('button', { name: /^Play voice message/ }).click()
    await ada.hears(ben.hz, 'Ada hears what Ben answered')
  })
})
