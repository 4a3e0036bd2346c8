import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { A, expect, test } from './test.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

test('somebody new is heard by a stranger minutes later, and a mutual like is told to both at once', async ({
  someone,
  member,
}) => {
  test.setTimeout(150_000)
  const ada = await someone('Ada', { hz: A })
  const { page } = ada
  const title = (name: string) =>
    expect(page.getByRole('heading', { level: 1, name })).toBeFocused()

  await test.step('Ada says who she is, in six questions', async () => {
    await ada.arrive()
    await title('Nice to meet you, Ada')
    await page.getByRole('radio', { name: 'A woman' }).press('Space')
    await ada.press('Continue')
    await title('Who would you like to meet?')
    await page.getByRole('checkbox', { name: 'Men', exact: true }).press('Space')
    await page.getByRole('checkbox', { name: 'Friends', exact: true }).press('Space')
    await ada.press('Continue')
    await title('What do you speak?')
    await ada.press('Continue')
    await title('What do you like?')
    await page.getByLabel('Find something you like').fill('night')
    await page.getByRole('checkbox', { name: 'Night trains', exact: true }).press('Space')
    await ada.press('Continue')
    await title('Where do you live?')
  })

  await test.step('a reload brings her back to where she was', async () => {
    await page.reload()
    await expect(page.getByRole('heading', { level: 1, name: 'Where do you live?' })).toBeVisible()
    await page.getByRole('combobox', { name: 'Your town' }).fill('mila')
    await page
      .getByRole('option', { name: /^Milan/ })
      .first()
      .click()
    await ada.press('Continue')
  })

  await test.step('she records her voice, listens, and publishes it', async () => {
    await expect(page.getByRole('heading', { level: 1, name: 'Let people hear you' })).toBeVisible()
    await ada.press('Record')
    await page.waitForTimeout(6500)
    await ada.press('Stop')
    await ada.press('Listen')
    await ada.hears(A, 'she hears what she said')
    await ada.press('Publish')
    await expect(page.getByRole('heading', { level: 1, name: 'This is you' })).toBeVisible()
    await ada.press('Come in')
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible()
  })

  const ben = await member('Ben')
  await ben.canBeMet('man', voice)
  await test.step('Ben hears her in Discover', async () => {
    await ben.page.goto(`${ben.url}/discover`)
    await expect(ben.page.getByRole('heading', { name: /^Ada/ })).toBeVisible()
    await expect(ben.page.getByText('In common: night trains.')).toBeVisible()
    await ben.hearsNothing(A, 'nobody talks to him unasked', 500)
    await ben.button(/^Play the intro/).click()
    await ben.hears(A, 'Ada, as she recorded herself')
  })

  await test.step('Ben likes her; Ada sees nothing of it', async () => {
    await ben.press('Like')
    await expect(ben.page.getByRole('heading', { name: /^Ada/ })).toBeHidden()
    await page.getByRole('link', { name: 'Chats' }).click()
    await expect(page.getByText('No conversations yet')).toBeVisible()
  })

  await test.step('Ada likes Ben: both are told in the same moment', async () => {
    await page.getByRole('link', { name: 'Discover', exact: true }).click()
    await expect(page.getByRole('heading', { name: /^Ben/ })).toBeVisible()
    await ada.press('Like')
    await expect(
      page.getByRole('dialog', { name: /^You and .?Ben.? like each other$/ }),
    ).toBeVisible()
    await expect(
      ben.page.getByRole('dialog', {
        name: /^You and .?Ada.? like each other$/,
      }),
    ).toBeVisible()
    await ada.press('Say hi')
    await expect(page.getByRole('heading', { level: 1, name: /Ben/ })).toBeVisible()
  })
})
