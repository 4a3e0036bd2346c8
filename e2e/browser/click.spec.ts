import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Person } from './person.ts'
import { heard, p50, readTap, startTap, tapped } from './tap.ts'
import { A, B, expect, test } from './test.ts'

/** What a calm machine does at most, in the median, from the click to the first sound. */
const CLICK_MS = 200
const RELOAD_MS = 900
/** Of it the server takes 50 ms; the rest is two browsers that draw a call and agree on the connection. */
const ACCEPT_MS = 300
const ROUNDS = 10

const intro = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

/** When a tone that nobody has played since the tap was started is first heard, in Unix ms. */
async function firstSound(who: Person, hz: number): Promise<number> {
  await who.hears(hz, `${who.name} hears ${hz} Hz`)
  await who.page.waitForTimeout(100)
  return heard(await readTap(who)).first
}

/** When somebody last clicked, in Unix ms by the clock of the machine, which the tap's is. */
const clicked = (who: Person) =>
  who.page.evaluate(
    () => window.heyyEar.clicked + Date.now() - performance.timeOrigin - performance.now(),
  )

/** Says what was measured, and holds the median to thrice that: machines of tests are busy. */
function measured(what: string, bar: number, took: number[]): void {
  const said = `${took.join(', ')} ms: p50 ${p50(took)}, worst ${Math.max(...took)} ms`
  test.info().annotations.push({ type: what, description: said })
  console.log(`${what}: ${said}`)
  expect(p50(took), what).toBeLessThanOrEqual(3 * bar)
}

test('from a click in the lobby to the first sound, and from a reload', async ({
  member,
  someone,
}) => {
  test.setTimeout(150_000)
  const ada = await member('Ada', { hz: A, calm: true })
  const ben = await someone('Ben', { hz: B, calm: true })
  await tapped(ben)
  await ben.signUp()
  const { page } = ben
  const title = 'Click and hear'
  await ada.open(title)
  await ada.unmute()

  const took: number[] = []
  const inFront = page
    .getByRole('article')
    .filter({ has: page.getByRole('heading', { name: title }) })
  const link = page.getByRole('link', { name: title }).or(inFront.getByRole('link')).first()
  for (let round = 0; round < ROUNDS; round++) {
    await startTap(ben, A)
    await link.click()
    const sounded = await firstSound(ben, A)
    took.push(Math.round(sounded - (await clicked(ben))))
    await ben.inRoom(title)
    await ben.press('Leave quietly')
    await expect(link).toBeVisible()
    await page.waitForTimeout(600)
  }
  measured('click to sound', CLICK_MS, took)

  await link.click()
  await ben.inRoom(title)
  const anew: number[] = []
  for (let round = 0; round < ROUNDS / 2; round++) {
    await page.reload({ waitUntil: 'commit' })
    await startTap(ben, A)
    const sounded = await firstSound(ben, A)
    anew.push(Math.round(sounded - (await page.evaluate(() => performance.timeOrigin))))
    await ben.inRoom(title)
  }
  measured('reload to sound', RELOAD_MS, anew)
})

test('from the second yes of a call to both voices', async ({ someone }) => {
  test.setTimeout(90_000)
  const ada = await someone('Ada', { hz: A, calm: true })
  const ben = await someone('Ben', { hz: B, calm: true })
  for (const who of [ada, ben]) {
    await tapped(who)
    await who.signUp()
  }
  await ada.canBeMet('woman', intro)
  await ben.canBeMet('man', intro)
  for (const who of [ada, ben]) {
    await who.page.goto(`${who.url}/call`)
    await who.press('Talk now')
  }
  await startTap(ada, B)
  await startTap(ben, A)
  await ada.press('Say hello')
  await ben.hearsNothing(A, 'Ben has not said yes yet', 1000)
  await ben.press('Say hello')
  const sounded = [await firstSound(ada, B), await firstSound(ben, A)]
  const yes = await clicked(ben)
  for (const at of sounded) measured('second yes to sound', ACCEPT_MS, [Math.round(at - yes)])
})
