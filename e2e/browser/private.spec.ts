import { voice } from './couple.ts'
import { A, B, expect, MORE, test } from './test.ts'

const [C] = MORE

test('two people in a room talk privately, and the room hears neither', async ({ member }) => {
  test.setTimeout(120_000)
  const [ada, ben, cleo] = await Promise.all([
    member('Ada', { hz: A, calm: true }),
    member('Ben', { hz: B, calm: true }),
    member('Cleo', { hz: C, calm: true }),
  ])
  await ada.canBeMet('woman', voice)
  await ben.canBeMet('man', voice)
  const title = 'By the window'
  const room = await cleo.open(title)
  await Promise.all(
    [ada, ben].map(async (who) => {
      await who.follow(room, title)
      await who.sit()
      await who.unmute()
    }),
  )
  await cleo.hears(A, 'Cleo hears Ada')
  await cleo.hears(B, 'Cleo hears Ben')

  await ada.press(/^Ben/)
  await ada.press('Talk privately')
  await expect(
    ben.page.getByRole('dialog', { name: /Ada.? would like to talk privately$/ }),
  ).toBeVisible()
  await expect(ada.page.getByText(/^Calling .?Ben/).first()).toBeVisible()
  await cleo.hears(A, 'nobody leaves the room for an offer')
  await ben.press('Answer')

  await ada.hears(B, 'Ada hears Ben in the call')
  await ben.hears(A, 'Ben hears Ada in the call')
  await expect(ada.page.getByRole('timer', { name: 'Time left' })).toBeVisible()
  await cleo.hearsNothing(A, 'the room hears Ada no more', 700)
  await cleo.hearsNothing(B, 'the room hears Ben no more', 700)

  await ada.press('Leave the call')
  await ada.press(/^Back to .*By the window/)
  await ada.inRoom(title)
  await ada.hearsNothing(B, 'Ben is not in the room', 700)
})
