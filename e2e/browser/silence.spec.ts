import type { Person } from './person.ts'
import { SILENT_WITHIN_MS, silentSoonAfter } from './person.ts'
import { A, expect, test } from './test.ts'

type Member = (name: string, wish?: object) => Promise<Person>

/** Ada hosts and speaks, Ben has no seat and hears her. */
async function listening(member: Member, title: string): Promise<[ada: Person, ben: Person]> {
  const ada = await member('Ada', { hz: A, calm: true })
  // A browser of its own: one that is busy with Ada's clicks would hear late.
  const ben = await member('Ben', { hz: 1000, calm: true })
  const room = await ada.open(title)
  await ada.unmute()
  await ben.follow(room, title)
  await ben.hears(A, 'Ben hears Ada')
  await expect(ben.button('Take a seat'), 'Ben only listens').toBeVisible()
  return [ada, ben]
}

const out = (who: Person, heading: string) =>
  expect(who.page.getByRole('heading', { name: heading })).toBeVisible()

test('a listener hears nobody half a second after a speaker mutes, is moved to the audience, or is removed', async ({
  member,
}) => {
  test.setTimeout(120_000)
  const [ada, ben] = await listening(member, 'Quiet please')
  await silentSoonAfter(ada, () => ada.press('Mute microphone'), [ben], A)
  await ada.unmute()
  await ben.hears(A, 'Ben hears Ada again')
  await silentSoonAfter(ada, () => ada.press('Leave your seat'), [ben], A)

  // Another host, whose guest Ada is.
  const cleo = await member('Cleo', { hz: 620, calm: true })
  for (const who of [ada, ben]) await who.press('Leave quietly')
  const title = 'My house, my rules'
  const room = await cleo.open(title)
  for (const who of [ada, ben]) await who.follow(room, title)
  await ada.sit()
  await ada.unmute()
  await ben.hears(A, 'Ben hears Ada in the other room')
  await cleo.press(/^Ada/)
  await silentSoonAfter(cleo, () => cleo.press('Move to the audience'), [ben], A)
  await expect(ada.button('Unmute microphone')).toBeHidden()
  await cleo.page.keyboard.press('Escape')

  await cleo.press(/^Ada/)
  await cleo.press('Let back on stage')
  await cleo.page.keyboard.press('Escape')
  await ada.sit()
  await ada.unmute()
  await ben.hears(A, 'Ben hears Ada, who sits again')
  await cleo.press(/^Ada/)
  await cleo.press('Remove from the room')
  await silentSoonAfter(cleo, () => cleo.press('Remove'), [ben], A)
  await out(ada, 'The host removed you from this room')
})

test('a listener hears nobody half a second after the room ends', async ({ member }) => {
  const [ada, ben] = await listening(member, 'Over and out')
  await ada.press('More')
  await ada.press('End the room')
  await silentSoonAfter(ada, () => ada.press('End for everyone'), [ben], A)
  await out(ben, 'The room has ended')
})

test('who listens hears nobody half a second after they leave or are removed', async ({
  member,
}) => {
  const [ada, ben] = await listening(member, 'Out you go')
  await silentSoonAfter(ben, () => ben.press('Leave quietly'), [ben], A)
  await ben.goInto('Out you go')
  await ben.hears(A, 'Ben hears Ada again')
  await ada.press(/^Ben/)
  await ada.press('Remove from the room')
  await silentSoonAfter(ada, () => ada.press('Remove'), [ben], A)
  await out(ben, 'The host removed you from this room')
})

test('who listens hears nobody half a second after the host blocks them', async ({ member }) => {
  const [ada, ben] = await listening(member, 'Not with you')
  await ada.press(/^Ben/)
  await ada.press(/^Block or report/)
  await silentSoonAfter(ada, () => ada.press('Block'), [ben], A)
  await out(ben, 'You’re out of this room')
})

test('who listens hears nobody half a second after they sign out', async ({ member }) => {
  const [, ben] = await listening(member, 'Signing off')
  await ben.page.getByRole('button', { name: 'Minimise' }).click()
  const main = ben.page.getByRole('navigation', { name: 'Main' })
  await main.getByRole('link', { name: 'Me' }).click()
  await ben.hears(A, 'Ben hears Ada beside his settings')
  // It loads the page anew: what was heard last is told across.
  await ben.page.evaluate(() =>
    addEventListener('pagehide', () => {
      localStorage.setItem('ear', JSON.stringify(window.heyyEar))
    }),
  )
  await ben.press('Sign out')
  await expect(ben.page.getByLabel('Your email')).toBeVisible()
  await ben.hearsNothing(A, 'whoever has signed out hears nobody')
  const { last, clicked } = await ben.page.evaluate(
    () => JSON.parse(localStorage.getItem('ear') ?? '{}') as typeof window.heyyEar,
  )
  expect(last[A], 'Ben heard Ada until he signed out').toBeGreaterThan(clicked - 1000)
  expect(last[A], 'and no longer').toBeLessThanOrEqual(clicked + SILENT_WITHIN_MS)
})
