import { silentSoonAfter } from './person.ts'
import { A, B, expect, test } from './test.ts'

test('two strangers sign in, meet in a room, and hear each other and not themselves', async ({
  someone,
}) => {
  test.setTimeout(90_000)
  const ada = await someone('Ada', { hz: A, checked: false })
  const ben = await someone('Ben', { hz: B, checked: false })

  for (const who of [ada, ben]) {
    await test.step(`${who.name} signs in with a code and says who they are`, async () => {
      await who.arrive()
      await who.press('Take me to the rooms')
      await expect(who.page.getByRole('heading', { level: 1, name: who.name })).toBeVisible()
    })
  }

  const title = `Who is up? ${ada.page.viewportSize()?.width}`
  await test.step('Ada opens a room, Ben finds it in the lobby', async () => {
    await ada.open(title)
    await ben.goInto(title)
    await expect(
      ada.page.getByRole('button', { name: /^Ben/ }).filter({ visible: true }),
    ).toBeVisible()
  })

  await test.step('Ben sees that his microphone hears him before he sits down', async () => {
    await ben.press('Take a seat')
    const level = ben.page.getByRole('meter', { name: 'Microphone level' })
    await expect(level).toBeVisible()
    await expect
      .poll(async () => Number(await level.getAttribute('aria-valuenow')))
      .toBeGreaterThan(0)
    await ben.press('Take the seat')
    await expect(ben.button('Unmute microphone')).toBeVisible()
  })

  await test.step('both unmute: each hears the other', async () => {
    await ben.hearsNothing(A, 'Ada is muted until she says otherwise', 500)
    await ada.unmute()
    await ben.unmute()
    await ada.hears(B, 'Ada hears Ben')
    await ben.hears(A, 'Ben hears Ada')
    expect(await ada.lastHeard(A), 'Ada hears herself').toBe(0)
    expect(await ben.lastHeard(B), 'Ben hears himself').toBe(0)
  })

  await test.step('Ben mutes: gone within half a second, and back when he unmutes', async () => {
    await silentSoonAfter(ben, () => ben.press('Mute microphone'), [ada], B)
    await ben.unmute()
    await ada.hears(B, 'Ada hears Ben again')
  })

  await test.step('Ada moves Ben to the audience: gone within half a second', async () => {
    await ada.press(/^Ben/)
    await silentSoonAfter(ada, () => ada.press('Move to the audience'), [ada], B)
    await expect(ben.page.getByText('The host moved you to the audience.').first()).toBeVisible()
    await expect(ben.button('Raise hand'), 'he may ask for a seat').toBeVisible()
    await ben.hears(A, 'Ben still hears Ada')
  })

  await test.step('Ada leaves: gone within half a second', async () => {
    await silentSoonAfter(ada, () => ada.press('Leave quietly'), [ben], A)
    await expect(ada.page.getByRole('heading', { level: 1, name: 'Ada' })).toBeVisible()
  })
})
