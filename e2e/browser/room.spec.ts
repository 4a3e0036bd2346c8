import type { Person } from './person.ts'
import { silentSoonAfter } from './person.ts'
import { freeTcp, freeUdp } from './ports.ts'
import { Relay, throughRelay } from './relay.ts'
import { Server } from './server.ts'
import { A, B, expect, test } from './test.ts'

/** Ada hosts and speaks, Ben sits and speaks: each hears the other. */
async function talk(ada: Person, ben: Person, title: string): Promise<string> {
  const room = await ada.open(title)
  await ben.page.goto(new URL(new URL(room).pathname, ben.url).href)
  await ben.inRoom(title)
  await ben.sit()
  await ada.unmute()
  await ben.unmute()
  await ada.hears(B, 'Ada hears Ben')
  await ben.hears(A, 'Ben hears Ada')
  return room
}

test('who leaves, and who is removed, falls silent within half a second', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const title = 'Comings and goings'
  await talk(ada, ben, title)

  await silentSoonAfter(ben, () => ben.press('Leave quietly'), [ada], B)
  await ben.goInto(title)
  await expect(ben.button('Take a seat'), 'who comes again comes as a listener').toBeVisible()
  await ada.hearsNothing(B, 'who comes again comes in silent')
  await ben.sit()
  await ben.unmute()
  await ada.hears(B, 'Ada hears Ben again')
  await silentSoonAfter(ben, () => ben.press('Leave the seat'), [ada], B)
  await ben.sit()
  await ben.unmute()
  await ada.hears(B, 'Ada hears Ben once more')

  await ada.press(/^Ben/)
  await ada.press('Remove from the room')
  await silentSoonAfter(ada, () => ada.press('Remove'), [ada], B)
  await expect(
    ben.page.getByRole('heading', {
      name: 'The host took you out of this room',
    }),
  ).toBeVisible()
  await ben.hearsNothing(A, 'who was removed hears nothing')
  await ben.page.reload()
  await expect(ben.page.getByRole('heading', { name: 'This room is closed to you' })).toBeVisible()
})

test('the room ends for everybody when its host ends it', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await talk(ada, ben, 'Soon over')
  await ada.press('More')
  await ada.press('End the room')
  await silentSoonAfter(ada, () => ada.press('End for everyone'), [ada], B)
  await ben.hearsNothing(A, 'Ben hears nobody')
  await expect(ben.page.getByRole('heading', { name: 'The room has ended' })).toBeVisible()
  await expect(ada.page.getByRole('heading', { name: 'You closed the room' })).toBeVisible()
})

test('the mini-player keeps the room playing wherever one goes', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await talk(ada, ben, 'Walk with me')
  const mini = ben.page.getByRole('region', { name: 'Your room' })
  for (const place of ['Me', 'Chats', 'Discover', 'Call', 'Rooms']) {
    await ben.page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: place })
      .click()
    await expect(mini).toContainText('2 people here')
    await ben.hears(A, `Ben hears Ada from ${place}`)
    await ada.hears(B, `Ada hears Ben from ${place}`)
  }
  await silentSoonAfter(
    ben,
    () => mini.getByRole('button', { name: 'Mute microphone' }).click(),
    [ada],
    B,
  )
  await ben.page.keyboard.press('m')
  await ada.hears(B, 'the key M unmutes')
  await mini.getByRole('link', { name: /Back to Walk with me/ }).click()
  await ben.inRoom('Walk with me')
  await ben.hears(A, 'Ben still hears Ada')
})

test('a reload comes back to the room, muted, in the same seat', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  await talk(ada, ben, 'Here again')
  await ben.page.reload()
  await ben.inRoom('Here again')
  await expect(ben.button('Unmute microphone')).toBeVisible()
  await ben.hears(A, 'Ben hears Ada again')
  await ada.hearsNothing(B, 'who comes back comes back muted')
  await ben.unmute()
  await ada.hears(B, 'Ada hears Ben again')

  // From another page of the client, too.
  await ben.page.getByRole('button', { name: 'Minimise' }).click()
  await ben.page.reload()
  await expect(ben.page.getByRole('region', { name: 'Your room' })).toContainText('2 people here')
  await ben.hears(A, 'the mini-player plays after a reload')
})

test('a second window takes the room over, and the first one says so', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const room = await talk(ada, ben, 'Two windows')
  const second = await ben.context.newPage()
  await second.goto(room)
  await expect(second.getByRole('button', { name: 'Unmute microphone' })).toBeVisible()
  await expect(
    ben.page.getByRole('heading', { name: 'You are here in another window' }),
  ).toBeVisible()
  await ben.hearsNothing(A, 'the first window is silent')
  await expect
    .poll(() => second.evaluate((hz) => Date.now() - (window.heyyEar.last[hz] ?? 0), A))
    .toBeLessThan(250)

  await ben.press('Bring it here')
  await ben.inRoom('Two windows')
  await ben.hears(A, 'the first window plays again')
  await expect(
    second.getByRole('heading', { name: 'You are here in another window' }),
  ).toBeVisible()
})

test('a refused microphone is explained, and the room is heard all the same', async ({
  member,
}) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B, denied: true })
  await ada.open('Without a microphone')
  await ada.unmute()
  await ben.goInto('Without a microphone')
  await ben.hears(A, 'a listener needs no microphone')
  await ben.press('Take a seat')
  await expect(ben.page.getByText('The microphone is blocked')).toBeVisible()
  await ben.press('What to do')
  const help = ben.page.getByRole('dialog', {
    name: 'The microphone is blocked',
  })
  await expect(help).toContainText('Nobody hears you, and you hear everybody.')
  await expect(help).toContainText('allow the microphone')
  await ben.page.keyboard.press('Escape')
  await ben.press('Microphone not available, what to do')
  await expect(help).toBeVisible()
  await ben.hears(A, 'Ben still hears Ada')
})

for (const muted of [false, true]) {
  test(`after the network was gone for 5 s the voices are back within 2 s${muted ? ', and who was muted still is' : ''}`, async ({
    member,
  }) => {
    const [port, udp] = [await freeTcp(), await freeUdp()]
    const server = await Server.start('--public-url', `http://localhost:${port}`)
    const relay = new Relay(port, udp, {
      tcp: server.port,
      udp: server.udpPort,
    })
    try {
      const ada = await member('Ada', { hz: A, url: server.url })
      const ben = await member('Ben', {
        hz: B,
        url: `http://localhost:${port}`,
        before: (context) =>
          context.addInitScript(throughRelay, {
            server: server.udpPort,
            relay: udp,
          }),
      })
      await talk(ada, ben, 'Through a bad line')
      if (muted) {
        await silentSoonAfter(ben, () => ben.press('Mute microphone'), [ada], B)
      }

      relay.cut()
      const cut = Date.now()
      await ben.page.waitForTimeout(5000)
      expect((await ben.lastHeard(A)) - cut, 'nothing comes through the cut').toBeLessThan(1500)
      const mended = Date.now()
      relay.mend()

      await ben.hears(A, 'Ben hears Ada again')
      expect(Date.now() - mended, 'from the network to the voice').toBeLessThanOrEqual(2000)
      if (muted) {
        await ada.hearsNothing(B, 'Ben is still muted', 2500)
        await expect(ben.button('Unmute microphone')).toBeVisible()
        await ben.unmute()
        await ada.hears(B, 'and speaks when he wants to')
        return
      }
      await ada.hears(B, 'Ada hears Ben again')
      const back = Date.now() - mended
      test.info().annotations.push({ type: 'back after', description: `${back} ms` })
      expect(back, 'from the network to both voices').toBeLessThanOrEqual(2000)
      await expect(ben.page.getByText('Reconnecting')).toBeHidden()
    } finally {
      relay.close()
      await server.stop()
    }
  })
}
