import { B, expect, test } from './test.ts'

test('a room is planned for later; who goes is told when it starts, and hears its host', async ({
  member,
}) => {
  const bob = await member('Bob', { hz: B })
  const ada = await member('Ada')

  // In twenty minutes, as clocks in the browser show it.
  await bob.press('Start a room')
  await bob.page.getByRole('link', { name: 'Plan it for later instead' }).click()
  await bob.page.getByLabel('What is it about?').fill('Late talk')
  const when = await bob.page.evaluate(() => {
    const at = Date.now() + 20 * 60_000
    return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  })
  await bob.page.getByLabel('When').fill(when)
  await bob.press('Plan it')
  await expect(bob.page.getByRole('heading', { level: 1, name: 'Late talk' })).toBeVisible()
  await expect(bob.button('Start now')).toBeVisible()

  await ada.page.reload()
  const next = ada.page.getByRole('region', { name: 'Coming up' })
  await expect(next.getByRole('link', { name: /Late talk/ })).toBeVisible()
  await ada.press(/^I’m going: .*Late talk/)
  await expect(ada.button(/^Going: .*Late talk/)).toBeVisible()
  await next.getByRole('link', { name: /Late talk/ }).click()
  await expect(ada.page.getByRole('heading', { name: '1 person is going' })).toBeVisible()

  // What a calendar program reads, without a session.
  await ada.page.goto(new URL('/events', ada.url).href)
  await ada.press('Calendar')
  await ada.press('Make an address')
  const address = (await ada.page.getByTestId('calendar-link').textContent()) ?? ''
  const feed = await fetch(address)
  expect(feed.headers.get('content-type')).toContain('text/calendar')
  expect(await feed.text()).toContain('SUMMARY:Late talk\r\n')
  await ada.press('Close')

  await bob.press('Start now')
  await bob.inRoom('Late talk')
  await bob.unmute()

  const menu = ada.page.getByRole('navigation', { name: 'Main' })
  await menu.getByRole('link', { name: 'Rooms' }).click()
  await ada.page.getByRole('link', { name: /^Notifications/ }).click()
  await ada.page.getByRole('link', { name: /Late talk.* is live/ }).click()
  await ada.press('Listen in')
  await ada.inRoom('Late talk')
  await ada.hears(B, 'Ada hears Bob')
})
