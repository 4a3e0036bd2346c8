import { A, expect, test } from './test.ts'

test('a room is found by who talks in it, and the search is there again after it', async ({
  member,
}) => {
  const ada = await member('Adaora', { hz: A })
  await ada.open('Caffè e due parole')
  await ada.unmute()
  const bob = await member('Bob')

  await bob.press('Search rooms and clubs')
  const field = bob.page.getByRole('searchbox', { name: 'Search rooms, people and clubs' })
  await expect(field).toBeFocused()
  await expect(
    bob.page.getByRole('heading', { name: 'What would you like to hear?' }),
  ).toBeVisible()
  await field.fill('adao')
  await expect(bob.page.getByRole('link', { name: /Caffè e due parole/ })).toBeVisible()
  await field.fill('karaoke tennis')
  await expect(bob.page.getByRole('heading', { name: /No open room or club for/ })).toBeVisible()
  await field.fill('CAFFE chiacchiere')
  await bob.page.getByRole('link', { name: /Caffè e due parole/ }).click()
  await bob.inRoom('Caffè e due parole')
  await bob.hears(A, 'Bob hears Adaora')

  await bob.page.goBack()
  await expect(field).toHaveValue('CAFFE chiacchiere')
  await expect(
    bob.page.getByRole('main').getByRole('link', { name: /Caffè e due parole/ }),
  ).toBeVisible()
})
