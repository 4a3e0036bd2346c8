import { address, codeFor } from './person.ts'
import { A, expect, test } from './test.ts'

test('the code step outlives a reload, and takes the digits of any script', async ({ someone }) => {
  const ada = await someone('Ada', { hz: A })
  const { page, context, url } = ada
  const email = address('Ada')
  await page.goto(url)
  await page.getByLabel('Your email').fill(email)
  await ada.press('Send me a code')
  const code = await codeFor(context, url, email)
  await expect(page.getByLabel('Code', { exact: true })).toBeVisible()
  await page.reload()
  await expect(page.getByText(email)).toBeVisible()
  const arabic = code.replace(/\d/g, (d) => String.fromCodePoint(0x660 + Number(d)))
  await page.getByLabel('Code', { exact: true }).fill(arabic)
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('Day').fill('१७')
  await page.getByLabel('Month').selectOption('5')
  await page.getByLabel('Year').fill('１９９０')
  await ada.press('Continue')
  await expect(ada.button('Not now')).toBeVisible()
})

test('a tab is of one account, and hears when it is gone', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const second = await ada.context.newPage()
  await second.goto(`${ada.url}/me`)
  await expect(second.getByRole('heading', { level: 1, name: 'Ada' })).toBeVisible()

  // Somebody else signs in with this browser, outside of its pages.
  const both = [ada.page, second]
  const told = both.map((page) =>
    page
      .getByText(/now signed in as/)
      .first()
      .waitFor(),
  )
  await ada.register('Ben')
  await Promise.all(told)
  await second.goto(`${ada.url}/me`)
  await expect(second.getByRole('heading', { level: 1, name: 'Ben' })).toBeVisible()

  await second.getByRole('button', { name: 'Sign out' }).click()
  for (const page of both) {
    await expect(page.getByLabel('Your email')).toBeVisible()
  }
  await expect(ada.page.getByText('You’re signed out.')).toBeVisible()
})
