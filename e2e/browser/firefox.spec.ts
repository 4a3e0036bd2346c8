import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Browser } from 'puppeteer-core'
import { FirefoxPerson, startFirefox } from './firefox.ts'
import { address, codeFor } from './person.ts'
import { B, expect, MORE, test } from './test.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)
const FOX = MORE[0]

let firefox: Browser
test.beforeAll(async () => {
  firefox = await startFirefox(FOX)
})
test.afterAll(() => firefox.close())

test('in Firefox one signs in, listens and speaks in a room, and talks in a call', async ({
  heyy,
  member,
}) => {
  test.setTimeout(120_000)
  const ben = await member('Ben', { hz: B })
  const fay = await FirefoxPerson.open(firefox, heyy.url, [B, FOX])

  await test.step('Fay signs in with a code', async () => {
    const email = address('Fay')
    await fay.fill('Your email', email)
    await fay.press('Send me a code')
    const code = await codeFor(ben.context, heyy.url, email)
    await fay.fill('Code', code)
    await fay.fill('Your name', 'Fay')
    await fay.fill('Day', '17')
    await fay.page.select('select', '5')
    await fay.fill('Year', '1990')
    await fay.press('Continue')
    await fay.press('Not now')
    await fay.press('Take me to the rooms')
  })

  await test.step('she hears who speaks in a room', async () => {
    await ben.open('Foxes')
    await ben.unmute()
    await fay.goInto('Foxes')
    await fay.hears(B, 'Fay hears Ben')
  })

  await test.step('and is heard when she speaks, and not when she is muted', async () => {
    await fay.press('Take a seat')
    await fay.press('Unmute microphone')
    await ben.hears(FOX, 'Ben hears Fay')
    await fay.press('Mute microphone')
    await ben.page.waitForTimeout(500)
    await ben.hearsNothing(FOX, 'Fay is muted', 500)
    await fay.press('Leave quietly')
    await ben.press('Leave quietly')
  })

  await test.step('she talks in a call', async () => {
    await ben.canBeMet('man', voice)
    await fay.tell('PATCH', '/api/me', {
      gender: 'woman',
      intents: ['friends'],
      interests: ['jazz', 'night_trains'],
      preferences: {
        meet: ['woman', 'man', 'nonbinary'],
        from: 18,
        to: 120,
        intents: [],
        languages: [],
        interests: [],
        verified_only: false,
      },
    })
    await fay.tell('PUT', '/api/me/clips/0?prompt=best_sound', voice.toString('base64'))
    await ben.page.goto(`${heyy.url}/call`)
    await ben.press('Talk now')
    await fay.page.goto(`${heyy.url}/call`)
    await fay.press('Talk now')
    await ben.press('Say hello')
    await fay.press('Say hello')
    await ben.hears(FOX, 'Ben hears Fay')
    await fay.hears(B, 'Fay hears Ben')
    await fay.press('Leave the call')
    await fay.tell('PATCH', '/api/me', { paused: true })
    expect(await fay.lastHeard(FOX), 'Fay never heard herself').toBe(0)
  })
})
