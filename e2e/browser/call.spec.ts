import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Person } from './person.ts'
import { A, B, expect, test } from './test.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

const heading = (who: Person, name: RegExp) =>
  who.page.getByRole('heading', { name }).filter({ visible: true }).first()

async function talkNow(who: Person): Promise<void> {
  await who.page.goto(`${who.url}/call`)
  await who.press('Talk now')
}

test('two strangers are brought together, hear each other and nobody else, go on, and like each other', async ({
  member,
}) => {
  test.setTimeout(120_000)
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await ada.canBeMet('woman', voice)
  await ben.canBeMet('man', voice)

  await test.step('both look for somebody, and are asked', async () => {
    await talkNow(ada)
    await expect(heading(ada, /^Looking for someone who fits$/)).toBeVisible()
    await talkNow(ben)
    await expect(heading(ada, /Ben.? is free to talk$/)).toBeVisible()
    await expect(heading(ben, /Ada.? is free to talk$/)).toBeVisible()
    await ada.press('Say hello')
    await ben.hearsNothing(A, 'Ben has not said yes yet', 700)
    await ben.press('Say hello')
  })

  await test.step('each hears the other and not themselves', async () => {
    await ada.hears(B, 'Ada hears Ben')
    await ben.hears(A, 'Ben hears Ada')
    await ada.hearsNothing(A, 'Ada does not hear herself', 500)
    await expect(heading(ada, /^With .?Ben.?$/)).toBeVisible()
    await expect(ada.page.getByRole('timer', { name: 'Time left' })).toContainText(/^[67]:/)
  })

  await test.step('Ben mutes himself, and is silent', async () => {
    await ben.press('Mute microphone')
    await expect(ada.page.getByText(/^.?Ben.? is muted$/).first()).toBeVisible()
    await ada.page.waitForTimeout(500)
    await ada.hearsNothing(B, 'Ben is muted', 700)
    await ben.press('Unmute microphone')
    await ada.hears(B, 'Ada hears Ben again')
  })

  await test.step('three more minutes come when both ask', async () => {
    await ada.press(/Ask for 3 more minutes/)
    await ben.press(/Ask for 3 more minutes/)
    await expect(ada.page.getByRole('timer', { name: 'Time left' })).toContainText(/^(9|10):/)
    await expect(ben.page.getByRole('timer', { name: 'Time left' })).toContainText(/^(9|10):/)
  })

  await test.step('after a reload Ada comes back with one tap', async () => {
    await ada.page.reload()
    await ada.press('Come back')
    await ada.hears(B, 'Ada hears Ben after she came back')
    await ben.hears(A, 'Ben hears Ada after she came back')
  })

  await test.step('two hearts are a match, told to both', async () => {
    await ada.press('Leave the call')
    await expect(heading(ben, /^How was your call with .?Ada.?\?$/)).toBeVisible()
    await ben.hearsNothing(A, 'the call is over', 700)
    await ada.press('Heart')
    await ben.page.waitForTimeout(500)
    await expect(heading(ben, /like each other$/)).toBeHidden()
    await ben.press('Heart')
    for (const who of [ada, ben]) {
      await expect(heading(who, /like each other$/)).toBeVisible()
      // Told once, by the call itself.
      await expect(who.page.getByRole('dialog', { name: /like each other$/ })).toBeHidden()
    }
  })
})

test('who passed is not brought together with them again', async ({ member }) => {
  test.setTimeout(120_000)
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await ada.canBeMet('woman', voice)
  await ben.canBeMet('man', voice)
  for (const who of [ada, ben]) await talkNow(who)
  for (const who of [ada, ben]) await who.press('Say hello')
  await ada.hears(B, 'Ada hears Ben')
  await ada.press('Leave the call')
  await ada.press('Pass')
  await ben.press('Heart')
  for (const who of [ada, ben]) {
    await who.press('Look for someone else')
    await expect(heading(who, /^Looking for someone who fits$/)).toBeVisible()
  }
  await ada.page.waitForTimeout(6000)
  for (const who of [ada, ben]) {
    await expect(heading(who, /^Looking for someone who fits$/)).toBeVisible()
    await who.stopLooking()
  }
})
