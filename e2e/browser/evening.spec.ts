import type { Person } from './person.ts'
import { silentSoonAfter } from './person.ts'
import { A, B, expect, MORE, test } from './test.ts'

const [C, D] = MORE

const heading = (who: Person, name: string) => who.page.getByRole('heading', { name }).first()
const told = (who: Person, text: string | RegExp) =>
  who.page.getByText(text).filter({ visible: true }).first()

/** Does a host's work on somebody: opens their card, and presses what is named. */
async function does(host: Person, to: Person, ...presses: string[]): Promise<void> {
  await host.press(new RegExp(`^${to.name}`))
  for (const press of presses) await host.press(press)
}

/** Asks to speak, with a note or without. */
async function raisesHand(who: Person, note?: string): Promise<void> {
  await who.press('Raise hand')
  const sheet = who.page.getByRole('dialog', { name: 'Raise your hand' })
  if (note) await sheet.getByRole('textbox').fill(note)
  await sheet.getByRole('button', { name: 'Raise hand' }).click()
  await expect(sheet).toBeHidden()
}

/** Accepts an invitation to speak, and speaks up. */
async function speaks(who: Person, ears: Person[]): Promise<void> {
  await expect(heading(who, 'You’re invited to speak')).toBeVisible()
  await who.press('Take a seat')
  await who.unmute()
  for (const ear of ears) await ear.hears(who.hz, `${ear.name} hears ${who.name}`)
}

const hands = (host: Person) => host.page.getByRole('dialog', { name: 'Raised hands' })

test('an evening on a stage: hands, invitations, a co-host, removal, ban, undo, hand-over, inheritance', async ({
  member,
}) => {
  test.setTimeout(330_000)
  const title = 'Night trains of Europe'
  const ada = await member('Ada', { hz: A, calm: true })
  const ben = await member('Ben', { hz: B, calm: true })
  const cleo = await member('Cleo', { hz: C, calm: true })
  const dan = await member('Dan', { hz: D, calm: true })
  let address = ''

  await test.step('Ada opens a stage; whoever comes hears her, and has no seat to take', async () => {
    await ada.press('Start a room')
    await ada.page.getByLabel('What is it about?').fill(title)
    await ada.page.getByRole('radio', { name: 'Stage' }).press('Space')
    await ada.press('Open the room')
    await ada.inRoom(title)
    address = ada.page.url()
    await ada.unmute()
    for (const who of [ben, cleo, dan]) {
      await who.follow(address, title)
      await who.hears(A, `${who.name} hears Ada`)
      await expect(who.button('Raise hand')).toBeVisible()
    }
  })

  await test.step('hands are one queue; who is invited speaks once they accept', async () => {
    await raisesHand(ben, 'The sleeper to Palermo')
    await raisesHand(cleo)
    await ada.press('2 hands up')
    const names = hands(ada).getByRole('listitem')
    await expect(names).toHaveCount(2)
    await expect(names.nth(0)).toContainText('Ben')
    await expect(names.nth(0)).toContainText('The sleeper to Palermo')
    await expect(names.nth(1)).toContainText('Cleo')
    await names.nth(0).getByRole('button', { name: 'Invite' }).click()
    await ada.hearsNothing(B, 'Ben has not accepted yet')
    await ada.page.keyboard.press('Escape')
    await speaks(ben, [ada, cleo, dan])
  })

  await test.step('whom the host mutes is silent, and speaks again when the host lets them', async () => {
    await ada.press(/^Ben/)
    await silentSoonAfter(ada, () => ada.press('Mute'), [ada, cleo, dan], B)
    await expect(told(ben, 'A host muted you. Raise your hand to speak again.')).toBeVisible()
    await ben.page.keyboard.press('m')
    await ada.hearsNothing(B, 'the key M does not help Ben')
    await does(ada, ben, 'Let them unmute')
    await ben.unmute()
    await cleo.hears(B, 'Cleo hears Ben again')
  })

  await test.step('a co-host invites, too', async () => {
    await does(ada, ben, 'Make co-host')
    await expect(told(ben, 'You’re a co-host now.')).toBeVisible()
    await ben.press('1 hand up')
    await hands(ben).getByRole('button', { name: 'Invite' }).click()
    await ben.page.keyboard.press('Escape')
    await speaks(cleo, [ada, ben, dan])
  })

  await test.step('Ada hands the room over, and goes on as a co-host', async () => {
    await does(ada, ben, 'Make host', 'Hand over')
    await expect(told(ben, 'You’re the host now.')).toBeVisible()
    await dan.hears(A, 'Dan hears Ada')
    await dan.hears(B, 'Dan hears Ben')
    await expect(dan.button(/^Ben, host/)).toBeVisible()
  })

  await test.step('the host’s browser is gone without a word; the others go on', async () => {
    await ben.page.close()
    await ada.hears(C, 'Ada hears Cleo')
    await expect(ada.button(/^Ben/)).toHaveCount(0, { timeout: 20_000 })
  })

  await test.step('the co-host removes somebody, and takes it back', async () => {
    await ada.press(/^Cleo/)
    await ada.press('Remove from the room')
    await silentSoonAfter(ada, () => ada.press('Remove'), [ada, dan], C)
    await expect(heading(cleo, 'The host removed you from this room')).toBeVisible()
    await cleo.hearsNothing(A, 'who was removed hears nothing')
    await cleo.page.goto(address)
    await expect(heading(cleo, 'You can’t join this room')).toBeVisible()
    await ada.press('More')
    await ada.press('What hosts did')
    const log = ada.page.getByRole('dialog', { name: 'What hosts did' })
    const line = log.getByRole('listitem').filter({ hasText: 'removed' })
    await line.getByRole('button', { name: 'Undo' }).click()
    await expect(line).toContainText('Undone')
    await ada.page.keyboard.press('Escape')
    await cleo.follow(address, title)
    await cleo.hears(A, 'Cleo hears Ada again')
    await ada.hearsNothing(C, 'who comes again comes as a listener')
  })

  await test.step('who is banned is out, and finds the room nowhere, even after having left', async () => {
    await dan.press('Leave quietly')
    await ada.press('More')
    await ada.press('Recently here')
    const recent = ada.page.getByRole('dialog', { name: 'Recently here' })
    await recent.getByRole('button', { name: 'Dan' }).click()
    await ada.press('Remove from the room')
    await ada.press('Ban from all rooms')
    await expect(told(ada, /Dan.? is banned from the rooms of this host/)).toBeVisible()
    await dan.page.goto(address)
    await expect(heading(dan, 'This room is over')).toBeVisible()
    await dan.hearsNothing(A, 'who is banned hears nothing')
    await dan.page.goto(dan.url)
    await expect(dan.button('Start a room')).toBeVisible()
    await expect(dan.page.getByText(title)).toHaveCount(0)
  })

  await test.step('two minutes after the host has gone, the co-host inherits the room, and ends it', async () => {
    await expect(told(ada, 'You’re the host now.')).toBeVisible({ timeout: 150_000 })
    await cleo.hears(A, 'Cleo hears Ada still')
    await ada.press('More')
    await ada.press('End the room')
    await silentSoonAfter(ada, () => ada.press('End for everyone'), [cleo], A)
    await expect(heading(cleo, 'The room has ended')).toBeVisible()
    await expect(heading(ada, 'You ended the room')).toBeVisible()
  })
})
