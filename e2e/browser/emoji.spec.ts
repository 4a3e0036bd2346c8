import { bubble, match, write } from './couple.ts'
import { expect, test } from './test.ts'

test('any emoji is found by its name and answers a message, by keys alone', async ({ member }) => {
  const ada = await member('Ada')
  const ben = await member('Ben', { calm: true })
  const [adas, bens] = await match(ada, ben)
  await ada.page.goto(`${ada.url}/chats/${bens}`)
  await ben.page.goto(`${ben.url}/chats/${adas}`)
  await write(ben, 'Shall we?')
  const asked: string[] = []
  ada.page.on('request', (request) => asked.push(request.url()))

  await expect(bubble(ada, 'Shall we?')).toBeVisible()
  await bubble(ada, 'Shall we?').click({ button: 'right' })
  await ada.press('More emoji')
  const picker = ada.page.getByRole('dialog', { name: 'Choose an emoji' })
  await expect(picker.getByRole('searchbox', { name: 'Search emoji' })).toBeFocused()
  await expect(picker.getByRole('gridcell').first()).toBeVisible()
  await ada.page.keyboard.type('otter')
  await expect(picker.getByRole('gridcell', { name: 'Otter' })).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await expect(picker).toBeHidden()

  await bubble(ada, 'Shall we?').click({ button: 'right' })
  await ada.press('More emoji')
  await expect(picker.getByRole('searchbox')).toBeFocused()
  await ada.page.keyboard.type('otter')
  await expect(picker.getByRole('gridcell', { name: 'Otter' })).toBeVisible()
  await ada.page.keyboard.press('ArrowDown')
  await ada.page.keyboard.press('Enter')
  await expect(picker).toBeHidden()
  await expect(ben.page.getByText('🦦').first()).toBeVisible()
  expect(asked.filter((url) => new URL(url).origin !== new URL(ada.url).origin)).toEqual([])
})
