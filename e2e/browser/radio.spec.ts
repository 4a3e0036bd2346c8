import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { match } from './couple.ts'
import type { Person } from './person.ts'
import { A, B, expect, test } from './test.ts'

const voiceOf = (name: string) =>
  readFileSync(
    resolve(import.meta.dirname, `../../internal/lab/resident/voices/intro/${name}.opus`),
  )

/** A name is isolated in its sentence. */
const onRadio = (name: string) => new RegExp(`${name}.? on Radio`)

/** How far the one recording of the page is, in seconds, and whether it is silent. */
const sound = (of: Person) =>
  of.page.evaluate(() => {
    const found = document.querySelector<HTMLAudioElement>('audio[data-player]')
    return { at: found?.currentTime ?? 0, paused: found?.paused ?? true }
  })

test('Radio goes on while Ada reads a chat, gives way to a call and goes on at its place', async ({
  member,
}) => {
  test.setTimeout(180_000)
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const [adas, bens] = await match(ada, ben)
  const cleo = await member('Cleo', { calm: true })
  const dora = await member('Dora', { calm: true })
  await cleo.canBeMet('woman', voiceOf('laozhou'))
  await dora.canBeMet('woman', voiceOf('laozhou'))
  const bar = ada.page.getByRole('region', { name: 'Now playing' })
  const main = ada.page.getByRole('navigation', { name: 'Main' })
  const card = ada.page.getByRole('article')
  await ben.page.goto(`${ben.url}/chats/${adas}`)

  await ada.page.goto(`${ada.url}/discover`)
  await ada.press('Radio')
  await expect(ada.page.getByRole('heading', { level: 1, name: 'Radio' })).toBeVisible()
  await expect(ada.page.getByRole('toolbar', { name: 'Playback' })).toBeVisible()
  await expect(bar).toBeHidden()
  const first = (await card.getByRole('heading').innerText()).split(',')[0] ?? ''
  let second = ''

  await test.step('it plays on beside a chat, from one to the next', async () => {
    await main.getByRole('link', { name: /^Chats/ }).click()
    await ada.page.locator(`main a[href="/chats/${bens}"]`).click()
    await expect(bar.getByText(onRadio(first))).toBeVisible()
    expect((await sound(ada)).paused).toBe(false)
    expect(await ada.page.evaluate(() => navigator.mediaSession.metadata?.title)).toContain(first)
    // On to a voice that is long enough for what follows; those of other tests may stand between.
    await expect(async () => {
      await bar.getByRole('button', { name: 'Next voice' }).click()
      const said = await bar.innerText()
      expect(said).not.toContain(first)
      second = ['Cleo', 'Dora'].find((name) => said.includes(name)) ?? ''
      expect(second).not.toBe('')
    }).toPass({ timeout: 20_000 })
    await expect(bar.getByText(onRadio(second))).toBeVisible()
    await expect.poll(async () => (await sound(ada)).at).toBeGreaterThan(1)
  })

  await test.step('a call pauses it', async () => {
    await ben.press(/^Call .?Ada/)
    await expect(ada.button('Answer')).toBeVisible()
    await expect.poll(async () => (await sound(ada)).paused).toBe(true)
    await ada.press('Answer')
    await ada.hears(B, 'Ada hears Ben')
    expect((await sound(ada)).paused, 'and not Radio').toBe(true)
  })

  await test.step('after it Radio goes on where it was', async () => {
    const { at } = await sound(ada)
    await ben.press('Leave the call')
    await expect.poll(async () => (await sound(ada)).paused).toBe(false)
    const now = (await sound(ada)).at
    expect(now).toBeGreaterThanOrEqual(at)
    expect(now).toBeLessThan(at + 3)
  })

  await test.step('Discover shows whom it plays', async () => {
    await main.getByRole('link', { name: 'Discover', exact: true }).click()
    await expect(card.getByRole('heading')).toContainText(second)
    await expect(bar).toBeHidden()
    await ada.press('Stop')
    expect((await sound(ada)).paused).toBe(true)
  })
})
