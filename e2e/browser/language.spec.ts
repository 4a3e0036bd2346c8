import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { A, expect, test } from './test.ts'

interface Catalogue {
  signin: { title: string; email: { action: string } }
  nav: Record<'rooms' | 'discover' | 'call' | 'chats' | 'me', string>
  common: { language: string }
  lobby: { start: { open: string } }
}

function catalogue(code: string): Catalogue {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, `../../web/src/i18n/${code}.json`), 'utf8'),
  ) as Catalogue
}

for (const [code, own] of [
  ['it', 'Italiano'],
  ['zh', '中文'],
] as const) {
  test(`everything speaks ${own}, before and after signing in, and stays so`, async ({
    someone,
    heyy,
  }) => {
    const says = catalogue(code)
    const before = await someone('Ada', { hz: A })
    await before.page.goto(heyy.url)
    await before.page.getByRole('combobox', { name: 'Language' }).selectOption({ label: own })
    await expect(before.page.getByRole('heading', { level: 1 })).toHaveText(says.signin.title)
    await expect(before.button(says.signin.email.action)).toBeVisible()
    await expect(before.page.locator('html')).toHaveAttribute('lang', code)
    await before.page.reload()
    await expect(before.page.getByRole('heading', { level: 1 })).toHaveText(says.signin.title)

    const member = await someone('Ben', { hz: A })
    const { page } = member
    await member.signUp()
    await page.getByRole('navigation').getByRole('link', { name: 'Me' }).click()
    await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: own })
    const nav = page.getByRole('navigation')
    for (const tab of ['rooms', 'discover', 'call', 'chats', 'me'] as const) {
      await expect(nav).toContainText(says.nav[tab])
    }
    await page.reload()
    await expect(nav).toContainText(says.nav.rooms)
    await nav.getByRole('link', { name: says.nav.rooms }).click()
    await expect(member.button(says.lobby.start.open)).toBeVisible()
    await expect(page.locator('html')).toHaveAttribute('lang', code)
  })
}
