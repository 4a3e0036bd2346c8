import { match } from './couple.ts'
import type { Person } from './person.ts'
import { expect, test } from './test.ts'

interface History {
  messages: {
    id: string
    mine: boolean
    text: string
    deleted: boolean
    voice?: { ms: number; peaks: number[]; heard: boolean }
  }[]
}

const chat = async (by: Person, other: string) =>
  (await by.tell<History>('GET', `/api/chats/${other}/messages`)).messages

const microphone = (of: Person) => of.button('Record a voice message')
const player = (of: Person) => of.page.getByRole('button', { name: /^Play voice message/ })

/** Puts the pointer on the microphone and holds it down, until the recording runs. */
async function hold(by: Person): Promise<{ x: number; y: number }> {
  const box = await microphone(by).boundingBox()
  if (!box) throw new Error('no microphone')
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  await by.page.mouse.move(at.x, at.y)
  await by.page.mouse.down()
  await expect(by.page.getByText('Slide up to lock')).toBeVisible()
  return at
}

test('two people speak: held, locked, thrown away and taken back, offline, and heard', async ({
  member,
}) => {
  test.setTimeout(180_000)
  const ada = await member('Ada')
  const ben = await member('Ben')
  const [adas, bens] = await match(ada, ben)
  await ada.page.goto(`${ada.url}/chats/${bens}`)
  await ben.page.goto(`${ben.url}/chats/${adas}`)

  await test.step('held down, it records; let go, it is sent, and measured', async () => {
    await hold(ada)
    await ada.page.waitForTimeout(6000)
    await ada.page.mouse.up()
    await expect(player(ben)).toHaveCount(1)
    const [sent] = await chat(ben, adas)
    expect(sent?.voice?.ms).toBeGreaterThan(4500)
    expect(sent?.voice?.ms).toBeLessThan(9000)
    expect(Math.max(...(sent?.voice?.peaks ?? []))).toBeGreaterThan(20)
    expect(sent?.voice?.heard).toBe(false)
  })

  await test.step('Ben hears Ada, and Ada sees it', async () => {
    await expect(ben.page.getByText('Not played yet')).toBeVisible()
    await player(ben).click()
    await ben.hears(ada.hz, 'Ben hears what Ada recorded')
    await expect(ben.page.getByText('Not played yet')).toBeHidden()
    await expect(ada.page.getByText('Played', { exact: true })).toBeVisible()
  })

  await test.step('it plays on while Ben walks around, and stops where he says', async () => {
    await player(ben).click()
    await ben.page.getByRole('slider', { name: 'Position in the voice message' }).press('Home')
    await ben.press('Back')
    const bar = ben.page.getByRole('region', { name: 'Now playing' })
    await expect(bar).toBeVisible()
    await ben.hears(ada.hz, 'it plays on beside another page')
    await bar.getByRole('button', { name: 'Close' }).click()
    await expect(bar).toBeHidden()
    await ben.page.goto(`${ben.url}/chats/${adas}`)
  })

  await test.step('a tap goes on by itself; stopped, it is a draft over a reload', async () => {
    await microphone(ada).click()
    await ada.page.waitForTimeout(1500)
    await ada.press('Stop and listen first')
    await expect(ada.button('Send voice message')).toBeVisible()
    await ada.page.reload()
    await expect(ada.button('Send voice message')).toBeVisible()
    await ada.page
      .getByRole('button', { name: /^Play voice message/ })
      .last()
      .click()
    await ada.hears(ada.hz, 'Ada hears her own draft')
    await ada.page
      .getByRole('button', { name: /^Speed 1×/ })
      .last()
      .click()
    await expect(ada.page.getByRole('button', { name: /^Speed 1.5×/ }).last()).toBeVisible()
    await ada.page
      .getByRole('textbox', { name: 'What the recording says, in writing' })
      .fill('The number 3, at night')
    await ada.press('Send voice message')
    await expect(player(ben)).toHaveCount(2)
    await ben.page.getByRole('button', { name: 'Text', exact: true }).click()
    await expect(ben.page.getByText('The number 3, at night', { exact: true })).toBeVisible()
  })

  await test.step('slid away, it is gone, and undone it is there', async () => {
    const at = await hold(ada)
    await ada.page.waitForTimeout(1200)
    await ada.page.mouse.move(at.x - 120, at.y, { steps: 6 })
    await ada.page.mouse.up()
    await expect(ada.page.getByText('Recording discarded.')).toBeVisible()
    await expect(microphone(ada)).toBeVisible()
    await ada.press('Undo')
    await expect(ada.button('Send voice message')).toBeVisible()
    await ada.press('Discard recording')
    await expect(microphone(ada)).toBeVisible()
    expect(await chat(ben, adas)).toHaveLength(2)
  })

  await test.step('by the keyboard alone', async () => {
    await microphone(ada).focus()
    await ada.page.keyboard.press('Enter')
    await expect(ada.button('Stop and listen first')).toBeVisible()
    await ada.page.waitForTimeout(1200)
    await ada.button('Discard recording').focus()
    await ada.page.keyboard.press('Enter')
    await expect(microphone(ada)).toBeVisible()
    await expect(ada.page.getByRole('textbox', { name: /^Message to/ })).toBeFocused()

    await microphone(ada).focus()
    await ada.page.keyboard.press('Enter')
    await expect(ada.button('Stop and listen first')).toBeVisible()
    // What was thrown away before is out of reach: it would be taken for what is said now.
    await expect(ada.button('Undo')).toBeHidden()
    await ada.page.waitForTimeout(1200)
    await ada.page.keyboard.press('Escape')
    await expect(ada.button('Send voice message')).toBeVisible()
    await ada.button('Discard recording').focus()
    await ada.page.keyboard.press('Enter')
    await expect(microphone(ada)).toBeVisible()
  })

  await test.step('offline it waits; back, it arrives once', async () => {
    await ada.page.context().setOffline(true)
    await microphone(ada).click()
    await ada.page.waitForTimeout(1500)
    await ada.press('Send voice message')
    await expect(ada.page.getByText('Waiting for a connection')).toBeVisible()
    await ada.page.context().setOffline(false)
    await expect(player(ben)).toHaveCount(3, { timeout: 45_000 })
    expect((await chat(ben, adas)).filter(({ voice }) => voice)).toHaveLength(3)
  })

  await test.step('after the end nobody hears anything', async () => {
    const [last] = await chat(ben, adas)
    const address = `${ben.url}/api/chats/${adas}/messages/${last?.id}/voice`
    expect((await ben.context.request.get(address)).status()).toBe(200)
    await ada.tell('DELETE', `/api/matches/${bens}`)
    expect((await ben.context.request.get(address)).status()).toBe(404)
    await expect(ben.page.getByText('This conversation has ended')).toBeVisible()
  })
})
