import type { Person } from './person.ts'
import { cutForAWhile, silentSoonAfter } from './person.ts'
import { freeTcp, freeUdp } from './ports.ts'
import { Relay, throughRelay } from './relay.ts'
import { Server } from './server.ts'
import { A, B, expect, test } from './test.ts'

/** Ada hosts and speaks, Ben sits and speaks: each hears the other. */
async function talk(ada: Person, ben: Person, title: string): Promise<string> {
  const room = await ada.open(title)
  await ben.follow(room, title)
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
  await silentSoonAfter(ben, () => ben.press('Leave your seat'), [ada], B)
  await ben.sit()
  await ben.unmute()
  await ada.hears(B, 'Ada hears Ben once more')

  await ada.press(/^Ben/)
  await ada.press('Remove from the room')
  await silentSoonAfter(ada, () => ada.press('Remove'), [ada], B)
  await expect(
    ben.page.getByRole('heading', {
      name: 'The host removed you from this room',
    }),
  ).toBeVisible()
  await ben.hearsNothing(A, 'who was removed hears nothing')
  await ben.page.reload()
  await expect(ben.page.getByRole('heading', { name: 'You can’t join this room' })).toBeVisible()
})

test('who is blocked by the host is out, told neutrally, and sees the room nowhere', async ({
  member,
}) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const title = 'Among friends'
  await talk(ada, ben, title)
  await ada.press(/^Ben/)
  await ada.press(/^Block or report/)
  await ada.press('Block')
  await expect(ben.page.getByRole('heading', { name: 'You’re out of this room' })).toBeVisible({
    timeout: 3000,
  })
  await ada.hearsNothing(B, 'Ada hears Ben no more')
  await ben.hearsNothing(A, 'Ben hears Ada no more')
  await expect(ada.page.getByRole('button', { name: /^Ben/ })).toHaveCount(0)
  await ben.press('Go to the rooms')
  await expect(ben.button('Start a room')).toBeVisible()
  await expect(ben.page.getByText(title)).toHaveCount(0)
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
  await expect(ada.page.getByRole('heading', { name: 'You ended the room' })).toBeVisible()
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

test('a link from elsewhere moves nobody before a tap', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const mine = 'A room of my own'
  const [home, away] = [await ada.open(mine), await ben.open('Come over here')]
  // Of her own room she may still be on the way in when its title is there.
  const joinAway = `/api${new URL(away).pathname}/join`
  let moves = 0
  ada.page.on('request', (r) => {
    if (r.method() === 'POST' && new URL(r.url()).pathname === joinAway) moves++
  })
  const elsewhere = 'http://elsewhere.example/'
  const body = `<a href="${away}">Listen to this</a>`
  await ada.page.route(elsewhere, (route) => route.fulfill({ contentType: 'text/html', body }))
  await ada.page.goto(elsewhere)
  await ada.page.getByRole('link', { name: 'Listen to this' }).click()
  await expect(ada.page.getByRole('heading', { name: 'Come over here' })).toBeVisible()
  await expect(ada.page.getByText(new RegExp(`You’re on stage in “.?${mine}.?”`))).toBeVisible()
  await ada.page.waitForTimeout(1000)
  expect(moves, 'nobody was moved').toBe(0)
  type Inside = { members: { person: { name: string } }[] }
  const { members } = await ben.tell<Inside>('GET', `/api${new URL(away).pathname}`)
  expect(
    members.map((m) => m.person.name),
    'the room was told nothing',
  ).toEqual(['Ben'])

  // From one room to the door of another, by the history: the first plays on, and can be muted.
  await ada.follow(home, mine)
  await ada.page.goBack()
  await expect(ada.page.getByRole('heading', { name: 'Come over here' })).toBeVisible()
  await ada.press('Listen in')
  await ada.inRoom('Come over here')
  expect(moves).toBe(1)
})

test('a second window takes the room over, and the first one says so', async ({ member }) => {
  const ada = await member('Ada', { hz: A })
  const ben = await member('Ben', { hz: B })
  const room = await talk(ada, ben, 'Two windows')
  const second = await ben.context.newPage()
  await second.goto(room)
  await expect(second.getByText('You’re already in this room.')).toBeVisible()
  await second.getByRole('button', { name: 'Bring it here' }).click()
  await expect(second.getByRole('button', { name: 'Unmute microphone' })).toBeVisible()
  await expect(
    ben.page.getByRole('heading', { name: 'You’re here in another window' }),
  ).toBeVisible()
  await ben.hearsNothing(A, 'the first window is silent')
  await expect
    .poll(() => second.evaluate((hz) => Date.now() - (window.heyyEar.last[hz] ?? 0), A))
    .toBeLessThan(250)

  await ben.press('Bring it here')
  await ben.inRoom('Two windows')
  await ben.hears(A, 'the first window plays again')
  await expect(second.getByRole('heading', { name: 'You’re here in another window' })).toBeVisible()
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
  await expect(help).toContainText('Nobody can hear you, but you can hear everyone.')
  await expect(help).toContainText('allow the microphone')
  await ben.page.keyboard.press('Escape')
  await ben.press('No microphone: what to do')
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

      const mended = await cutForAWhile(ben, relay, A)
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
