import { A, B, expect, test } from './test.ts'

test('Ada follows Bob from a room, and one tap leads her into his next one', async ({ member }) => {
  const bob = await member('Bob', { hz: B })
  const ada = await member('Ada', { hz: A })
  const strip = ada.page.getByRole('region', { name: 'Friends and people you follow' })

  const first = await bob.open('Good evening')
  await ada.follow(first, 'Good evening')
  await ada.press(/^Bob/)
  await ada.press(/^Follow.*Bob/)
  await expect(
    ada.page.getByRole('dialog').getByText('You’ll hear when they open a room'),
  ).toBeVisible()
  await expect(ada.button(/^Following\. Unfollow.*Bob/)).toBeVisible()
  await ada.press('Close')
  await ada.press('Leave quietly')
  await expect(ada.button('Start a room'), 'Ada is in the lobby').toBeVisible()
  await expect(strip.getByRole('link', { name: /Bob/ }), 'Bob is on his stage').toBeVisible()

  await bob.press('More')
  await bob.press('End the room')
  await bob.press('End for everyone')
  await bob.press('Go to the rooms')
  await expect(strip, 'Bob is on no stage').toHaveCount(0)

  // He opens another, and she has not touched anything since.
  await bob.open('And good night')
  await expect(strip.getByRole('link', { name: /Bob.*And good night/ })).toBeVisible()
  await expect(ada.page.getByText(/Bob.* is on stage/)).toBeVisible()
  await strip.getByRole('link', { name: /Bob/ }).click()
  await ada.inRoom('And good night')
  await bob.unmute()
  await ada.hears(B, 'Ada hears Bob')

  // She was told of the first room that he opened since, once.
  await ada.press('Minimise')
  await ada.page.getByRole('link', { name: /^Notifications/ }).click()
  await expect(ada.page.getByText(/Bob.* opened a room: .*And good night/)).toHaveCount(1)

  // He sees who follows him, and follows back: they are friends.
  await bob.press('Minimise')
  const menu = bob.page.getByRole('navigation', { name: 'Main' })
  await menu.getByRole('link', { name: 'Me' }).click()
  await bob.page.getByRole('link', { name: /Following, followers and friends/ }).click()
  await bob.page.getByRole('radio', { name: 'Followers' }).check()
  await bob.press(/^Follow.*Ada/)
  await expect(
    bob.page.getByRole('listitem').filter({ hasText: 'Ada' }).getByText('Friends'),
  ).toBeVisible()

  // Ada unfollows him in her list, and takes that back.
  await ada.page.goto(new URL('/me/people', ada.url).href)
  await ada.press(/Unfollow.*Bob/)
  await expect(ada.button(/^Follow.*Bob/)).toBeVisible()
  await ada.press('Undo')
  await expect(ada.button(/Unfollow.*Bob/)).toBeVisible()
  await expect(
    ada.page.getByRole('listitem').filter({ hasText: 'Bob' }).getByText('Friends'),
  ).toBeVisible()
})
