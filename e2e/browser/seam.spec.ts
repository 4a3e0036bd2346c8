import type { Person } from './person.ts'
import { heard, p50, readTap, startTap, tapped } from './tap.ts'
import { A, expect, MORE, test } from './test.ts'

/** How long a voice may be missing, or heard twice, while its listener takes a seat or leaves it. */
const SEAM_MS = 80
/** From the tap on the microphone to the first sound at somebody who listens. */
const UNMUTED_MS = 120
const ROUNDS = 5
/** Far from A, which would be found in so short a block besides. */
const HIGH = MORE[3]

const note = (type: string, description: string) => {
  test.info().annotations.push({ type, description })
  console.log(`${type}: ${description}`)
}

/**
 * Measures what of a tone a listener misses, or hears twice, while something is done. A machine that
 * lets the page itself wait for longer makes the bounds wider by just that.
 */
async function seam(of: Person, hz: number, what: string, act: () => Promise<void>): Promise<void> {
  await startTap(of, hz)
  await of.page.waitForTimeout(400)
  await act()
  await of.page.waitForTimeout(1200)
  const { gap, stutter, overlap, changes, length, late } = heard(await readTap(of))
  note(
    what,
    `gap ${gap} ms, overlap ${overlap} ms; ${changes} changes, stutter ${stutter} ms, page late ${late} ms`,
  )
  expect(length, `${what}: the tap hears the voice`).toBeGreaterThan(1000)
  expect(changes, `${what}: another connection goes on with it`).toBeGreaterThan(0)
  expect(gap, `${what}: the longest gap`).toBeLessThanOrEqual(SEAM_MS + late)
  expect(overlap, `${what}: the longest time of two voices`).toBeLessThanOrEqual(SEAM_MS + late)
}

for (const checked of [true, false]) {
  test(`a listener takes a seat and leaves it while somebody talks, without a gap or a double voice${checked ? '' : ', after a look at the microphone'}`, async ({
    member,
    someone,
  }) => {
    test.setTimeout(150_000)
    const ada = await member('Ada', { hz: A, calm: true })
    const title = checked ? 'Take a chair' : 'Take a look, take a chair'
    const room = await ada.open(title)
    await ada.unmute()

    const [ben, cleo] = [
      await someone('Ben', { hz: HIGH, checked, calm: true }),
      await someone('Cleo', { hz: A, calm: true }),
    ]
    for (const who of [ben, cleo]) {
      await tapped(who)
      await who.signUp()
      await who.follow(room, title)
      await who.hears(A, `${who.name} hears Ada`)
    }

    const first: number[] = []
    for (let round = 1; round <= (checked ? ROUNDS : 1); round++) {
      await seam(ben, A, `seat ${round}`, async () => {
        await ben.press('Take a seat')
        if (!checked) {
          const check = ben.page.getByRole('dialog')
          await expect(check).toBeVisible()
          await ben.page.waitForTimeout(3000)
          await check.getByRole('button', { name: 'Take the seat' }).click()
        }
        await expect(ben.button('Unmute microphone')).toBeEnabled()
      })
      await startTap(cleo, HIGH)
      await ben.press('Unmute microphone')
      // The ear's clock is that of the page, the tap's that of the machine.
      const clicked = await ben.page.evaluate(
        () => window.heyyEar.clicked + Date.now() - performance.timeOrigin - performance.now(),
      )
      await cleo.hears(HIGH, 'Cleo hears Ben')
      await cleo.page.waitForTimeout(200)
      first.push(Math.round(heard(await readTap(cleo)).first - clicked))
      await seam(ben, A, `audience ${round}`, () => ben.press('Leave your seat'))
    }
    note('unmute to first sound', `${first.join(', ')} ms, p50 ${p50(first)} ms`)
    // The bar is for a calm machine.
    expect(p50(first), 'from the tap to the voice').toBeLessThanOrEqual(3 * UNMUTED_MS)
  })
}
