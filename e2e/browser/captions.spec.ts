import type { Person } from './person.ts'
import { A, B, expect, test } from './test.ts'

async function sound(of: Person) {
  await of.press('More')
  await of.press('Sound')
}

test('who sits types what they say, and who listens reads it', async ({ member }) => {
  const bob = await member('Bob', { hz: B })
  const ada = await member('Ada', { hz: A })
  const address = await bob.open('Captioned')
  await ada.follow(address, 'Captioned')
  const captions = ada.page.getByTestId('captions')

  // Nobody captions yet: nothing is offered to who listens.
  await sound(ada)
  await expect(ada.page.getByRole('switch', { name: 'Show captions' })).toHaveCount(0)

  await sound(bob)
  await bob.page.getByRole('switch', { name: 'Type captions' }).click({ force: true })
  await bob.page.keyboard.press('Escape')
  const field = bob.page.getByRole('textbox', { name: 'Type what you say' })
  await field.fill('Good evening')
  await field.press('Enter')
  await expect(field).toHaveValue('')
  await ada.page.getByRole('switch', { name: 'Show captions' }).click({ force: true })
  await expect(captions).toHaveText('BobGood evening')
  await ada.page.keyboard.press('Escape')
  await field.fill('مساء الخير')
  await field.press('Enter')
  await field.fill('And welcome')
  await field.press('Enter')
  await expect(captions).toHaveText('Bobمساء الخيرAnd welcome')
  const arabic = captions.getByText('مساء الخير')
  expect(await arabic.evaluate((el) => getComputedStyle(el).direction)).toBe('rtl')
  await expect(captions).toHaveAttribute('aria-live', 'off')

  // It is over soon, and was nowhere else.
  await expect(captions).toHaveCount(0, { timeout: 12_000 })
  await ada.page.reload()
  await expect(ada.page.getByText('And welcome')).toHaveCount(0)
})
