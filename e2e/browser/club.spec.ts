import { A, B, expect, test } from './test.ts'

test('a club is founded, a stranger comes in by a link, is heard in its room, and is banned', async ({
  member,
  someone,
}) => {
  const ada = await member('Ada', { hz: A })
  await ada.page.getByRole('link', { name: 'Find a club' }).click()
  await ada.press('Found a club')
  await ada.page.getByLabel('Name', { exact: true }).fill('Night owls')
  await ada.page.getByRole('radio', { name: 'By invitation' }).check({ force: true })
  await ada.page.getByLabel('Rules', { exact: true }).fill('Let people finish.')
  await ada.press('Found the club')
  await expect(ada.page.getByRole('heading', { level: 1, name: 'Night owls' })).toBeVisible()

  await ada.press('Invite people')
  await ada.press('Make a link')
  const link = (await ada.page.getByTestId('club-link').textContent()) ?? ''
  expect(link).toMatch(/\/clubs\/[^/]+\/join\/[\w-]{20,}$/)
  await ada.press('Close')

  // Bob is nobody here yet: the link leads him through the sign-in, and to the club.
  const { pathname } = new URL(link)
  const bob = await someone('Bob', { hz: B })
  await bob.arrive(pathname)
  await bob.press('Take me to the rooms')
  await expect(bob.page.getByRole('heading', { level: 1, name: 'Night owls' })).toBeVisible()
  await bob.press('Join')
  await expect(bob.page.getByRole('dialog').getByText('Let people finish.')).toBeVisible()
  await bob.press('Accept and join')
  await expect(bob.button('Start a room here')).toBeVisible()

  await ada.press('Start a room here')
  await ada.page.getByLabel('What is it about?').fill('Late talk')
  await ada.press('Open the room')
  await ada.inRoom('Late talk')

  await bob.page.reload()
  await bob.page.getByRole('link', { name: /Late talk/ }).click()
  await bob.inRoom('Late talk')
  await bob.sit()
  await bob.unmute()
  await ada.hears(B, 'Ada hears Bob in the club’s room')

  // Out of the club and its room, and no way back by the same link.
  await ada.press('Minimise')
  await ada.page
    .getByRole('region', { name: 'Clubs' })
    .getByRole('link', { name: /Night owls/ })
    .click()
  await ada.press(/^Manage .*Bob/)
  await ada.press('Ban from the club')
  await ada.page.waitForTimeout(700) // what is dangerous counts once it has been there for a moment
  await ada.press('Ban')
  await expect(ada.button(/^Manage .*Bob/)).toHaveCount(0)
  await expect(bob.page.getByRole('heading', { name: /removed you/ })).toBeVisible()
  await ada.hearsNothing(B, 'nobody hears Bob')
  await bob.page.goto(new URL(pathname, bob.url).href)
  await expect(bob.page.getByText('You can’t join this club.')).toBeVisible()
  await expect(bob.button('Join')).toHaveCount(0)
})
