import { freeTcp, freeUdp } from './ports.ts'
import { Relay, throughRelay } from './relay.ts'
import { A, B, expect, test } from './test.ts'

test('a network that blocks the sound is named within 5 s, and sound comes once it does', async ({
  heyy,
  member,
}) => {
  const [tcp, udp] = [await freeTcp(), await freeUdp()]
  const relay = new Relay(tcp, udp, { tcp: heyy.port, udp: heyy.audiencePort })
  // Only sound takes this way: pages, commands and signalling reach the server as ever.
  relay.cut()
  try {
    const ada = await member('Ada', { hz: A })
    const room = await ada.open('Behind a firewall')
    await ada.unmute()
    const ben = await member('Ben', {
      hz: B,
      before: (context) =>
        context.addInitScript(throughRelay, { server: heyy.audiencePort, relay: udp }),
    })
    await ben.page.goto(`${ben.url}/me`)
    await ben.press('Check my connection')
    await expect(ben.page.getByText('Voices: blocked')).toBeVisible()
    await expect(ben.page.getByText('Heyy: works')).toBeVisible()

    await ben.page.goto(room)
    await ben.press('Listen in')
    const why = ben.page.getByRole('status').filter({ hasText: 'blocks the sound' })
    await expect(why).toBeVisible({ timeout: 5000 })

    relay.mend()
    await ben.hears(A, 'Ben hears Ada once sound passes')
    await expect(why).toBeHidden()
    // Or their room would stand in the lobby of the next test.
    for (const who of [ben, ada]) await who.press('Leave quietly')
  } finally {
    relay.close()
  }
})
