import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from '@playwright/test'
import { A, expect, test } from './test.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}

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

for (const scheme of ['dark', 'light'] as const) {
  test(`nothing serious stands in anybody's way, ${scheme}`, async ({ someone, heyy }) => {
    const ada = await someone('Ada', { hz: A, scheme, checked: false })
    const { page } = ada
    const clear = async (where: string) =>
      expect.soft(await barriers(page), `${where}, ${scheme}`).toEqual([])

    await page.goto(heyy.url)
    await expect(page.getByLabel('Your email')).toBeVisible()
    await clear('sign-in')

    await ada.signUp()
    await ada.press('Start a room')
    await expect(page.getByRole('dialog', { name: 'Start a room' })).toBeVisible()
    await clear('start a room')
    await ada.press('Open the room')
    await ada.inRoom(/A chat with/)
    await clear('room')
    await ada.press('Leave the seat')
    await ada.press('Take a seat')
    await expect(ada.button('Take the seat')).toBeEnabled()
    await clear('microphone check')
    await page.keyboard.press('Escape')
    await ada.press('Minimise')
    await expect(page.getByRole('region', { name: 'Your room' })).toBeVisible()
    await expect(page.getByRole('link', { name: /A chat with/ }).first()).toBeVisible()
    await clear('lobby')
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Me' }).click()
    await expect(page.getByRole('heading', { name: 'Where you are signed in' })).toBeVisible()
    await clear('me')
  })
}
