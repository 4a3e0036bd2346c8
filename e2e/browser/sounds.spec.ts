import type { BrowserContext } from '@playwright/test'
import { match } from './couple.ts'
import type { Person } from './person.ts'
import { expect, test } from './test.ts'

declare global {
  interface Window {
    /** How loud what the page's own audio graph sends to the loudspeaker was at most, 0..1. */
    heyyLoudest: number
  }
}

/** Runs in the page: hears what is synthesised there, and changes nothing. */
function listenToGraph(): void {
  window.heyyLoudest = 0
  const connect = AudioNode.prototype.connect as (this: AudioNode, to: AudioNode) => AudioNode
  const ears = new Map<BaseAudioContext, AnalyserNode>()
  AudioNode.prototype.connect = function (this: AudioNode, to: AudioNode) {
    if (to instanceof AudioDestinationNode) {
      const ear = ears.get(to.context) ?? new AnalyserNode(to.context, { fftSize: 2048 })
      ears.set(to.context, ear)
      connect.call(this, ear)
    }
    return connect.call(this, to)
  } as AudioNode['connect']
  const samples = new Float32Array(2048)
  setInterval(() => {
    for (const ear of ears.values()) {
      ear.getFloatTimeDomainData(samples)
      for (const sample of samples) {
        window.heyyLoudest = Math.max(window.heyyLoudest, Math.abs(sample))
      }
    }
  }, 20)
}

const before = (context: BrowserContext) => context.addInitScript(listenToGraph)

/** A soft tone, well under a voice. */
const audible = 0.01

/** Since this was asked last. */
const loudest = (of: Person) =>
  of.page.evaluate(() => {
    const was = window.heyyLoudest
    window.heyyLoudest = 0
    return was
  })

test('a message makes a soft tone, but not in its own chat and not where sounds are off', async ({
  member,
}) => {
  const ada = await member('Ada', { before })
  const ben = await member('Ben', { calm: true })
  const [adas, bens] = await match(ada, ben)
  const send = (text: string) =>
    ben.tell('PUT', `/api/chats/${adas}/messages/${crypto.randomUUID()}`, { text })
  const main = ada.page.getByRole('navigation', { name: 'Main' })

  await ada.page.goto(`${ada.url}/chats`)
  const row = ada.page.locator(`main a[href="/chats/${bens}"]`)
  await expect(row).toBeVisible()
  await ada.page.keyboard.press('Tab')
  await loudest(ada)

  await send('Are you there?')
  await expect(row).toContainText('Are you there?')
  await expect.poll(() => loudest(ada), 'she hears a tone').toBeGreaterThan(audible)

  await row.click()
  await expect(ada.page.getByRole('textbox', { name: /^Message to/ })).toBeVisible()
  await ada.page.waitForTimeout(3000)
  await loudest(ada)
  await send('I see you are')
  await expect(ada.page.getByText('I see you are', { exact: true }).first()).toBeVisible()
  await ada.page.waitForTimeout(700)
  expect(await loudest(ada), 'the eye has it').toBeLessThan(audible)

  await main.getByRole('link', { name: 'Me' }).click()
  await ada.page.getByRole('switch', { name: 'Sounds' }).click()
  await send('And now?')
  await expect(main.getByRole('link', { name: /new message/ })).toBeVisible()
  await ada.page.waitForTimeout(700)
  expect(await loudest(ada), 'sounds are off').toBeLessThan(audible)

  await ada.page.getByRole('switch', { name: 'Sounds' }).click()
  await send('Again')
  await expect.poll(() => loudest(ada), 'sounds are on again').toBeGreaterThan(audible)
})
