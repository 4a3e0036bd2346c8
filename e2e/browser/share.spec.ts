import { A, expect, test } from './test.ts'

test('anybody with the link hears a public room, until its host closes it', async ({
  member,
  someone,
}) => {
  const ada = await member('Ada', { hz: A })
  const title = 'Open ears'
  const address = await ada.open(title)
  await ada.unmute()

  const eve = await someone('Eve')
  const there = new URL(new URL(address).pathname, eve.url).href
  await eve.page.goto(there)
  await expect(
    eve.page.getByLabel('Your email'),
    'a room that is not public asks for a sign-in',
  ).toBeVisible()

  await ada.press('More')
  await ada.page.getByRole('switch', { name: 'Anyone with the link can listen' }).click()
  await expect(
    ada.page.getByText('This room is public now', { exact: false }).first(),
  ).toBeVisible()
  await ada.page.keyboard.press('Escape')
  await expect(ada.button('Public')).toBeVisible()

  const asked: string[] = []
  eve.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const sockets: string[] = []
  eve.page.on('websocket', (socket) => sockets.push(socket.url()))
  await eve.page.goto(there)
  await expect(eve.page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  await expect(
    eve.page.getByText('Someone', { exact: true }),
    'Ada has not allowed her name',
  ).toBeVisible()
  await eve.hearsNothing(A, 'nothing sounds before a tap')
  await eve.press('Listen')
  await eve.hears(A, 'somebody without an account hears Ada')
  await expect(eve.page.getByText('You’re listening.')).toBeVisible()
  expect(sockets, 'no live events and no media server').toEqual([])
  expect(asked.filter((path) => /livekit/i.test(path))).toEqual([])
  const installed = () => navigator.serviceWorker.getRegistrations().then(({ length }) => length)
  expect(await eve.page.evaluate(installed), 'nothing is installed').toBe(0)
  await expect(
    ada.page.getByText('Nobody is listening yet', { exact: false }).filter({ visible: true }),
    'nobody is told',
  ).toBeVisible()

  await ada.tell('PATCH', '/api/me', { public: true })
  await expect(eve.page.getByText('Ada', { exact: true }), 'now Ada is named').toBeVisible({
    timeout: 15_000,
  })

  await eve.press('Stop')
  await eve.page.waitForTimeout(300)
  await eve.hearsNothing(A, 'stopped')
  await eve.press('Listen')
  await eve.hears(A, 'and again')

  await eve.press('Join Heyy')
  await expect(eve.page.getByLabel('Your email')).toBeVisible()
  await eve.page.goBack()
  await eve.press('Listen')
  await eve.hears(A, 'whoever thinks better of joining is at the room again')

  await ada.press('More')
  await ada.page.getByRole('switch', { name: 'Anyone with the link can listen' }).click()
  await expect(ada.page.getByText('This room isn’t public any more.').first()).toBeVisible()
  await eve.page.waitForTimeout(500)
  await eve.hearsNothing(A, 'whoever has no account falls silent')
  await expect(
    eve.page.getByRole('heading', { name: 'You can’t listen here any more' }),
  ).toBeVisible()
  await eve.press('Join Heyy')
  await expect(eve.page.getByLabel('Your email')).toBeVisible()
})
