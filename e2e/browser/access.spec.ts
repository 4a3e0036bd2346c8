import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import type { AxeResults, RunOptions } from 'axe-core'
import { A, expect, test } from './test.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules = JSON.parse(
  readFileSync(join(import.meta.dirname, '../axe.json'), 'utf8'),
) as RunOptions

/** What stands in the way of people, seriously, on the page as it is. */
async function barriers(page: Page): Promise<string[]> {
  await page.waitForTimeout(600) // what fades in has its colour then
  await page.evaluate(axe)
  const found = await page.evaluate<AxeResults, RunOptions>(
    (options) =>
      (
        globalThis as unknown as {
          axe: { run(o: RunOptions): Promise<AxeResults> }
        }
      ).axe.run(options),
    rules,
  )
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map(
      (v) =>
        `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target} (${n.any[0]?.message ?? ''})`).join('; ')}`,
    )
}

/**
 * Every screen and state is asked in all colours where it is drawn from fixed stores
 * (web/scripts/fits.mjs). Here is what only a server shows: its own page, with real sound in it.
 */
test('nothing serious stands in anybody’s way while a room plays', async ({ someone }) => {
  const ada = await someone('Ada', { hz: A, checked: false })
  const { page } = ada
  const clear = async (where: string) => expect.soft(await barriers(page), where).toEqual([])

  await ada.signUp()
  await ada.press('Start a room')
  await ada.press('Open the room')
  await ada.inRoom(/Come in and talk/)
  await clear('room')
  await ada.press('Leave your seat')
  await ada.press('Take a seat')
  await expect(ada.button('Take the seat')).toBeEnabled()
  await clear('microphone check')
  await page.keyboard.press('Escape')
  await ada.press('Minimise')
  await expect(page.getByRole('region', { name: 'Your room' })).toBeVisible()
  await expect(page.getByRole('link', { name: /Come in and talk/ }).first()).toBeVisible()
  await clear('lobby')
})
