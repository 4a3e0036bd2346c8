import type { Locator, Page } from '@playwright/test'
import { address, codeFor } from './person.ts'
import { A, expect, test } from './test.ts'

/** Presses Tab until the focus is on what is looked for, as somebody without a mouse does. */
async function tabTo(page: Page, what: Locator): Promise<void> {
  await expect(what).toBeVisible()
  for (let i = 0; i < 80; i++) {
    if (await what.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the Tab key does not lead to ${what}`)
}

test('from sign-in to an open microphone by keyboard alone', async ({ someone, heyy }) => {
  const ada = await someone('Ada', { hz: A, checked: false })
  const { page } = ada
  const { keyboard } = page
  const button = (name: string | RegExp) => ada.button(name)
  const type = async (field: Locator, text: string) => {
    await tabTo(page, field)
    await keyboard.type(text)
  }
  const press = async (name: string | RegExp) => {
    await tabTo(page, button(name))
    await keyboard.press('Enter')
  }

  const email = address('Ada')
  await page.goto(heyy.url)
  await type(page.getByLabel('Your email'), email)
  await keyboard.press('Enter')
  await type(page.getByLabel('Code', { exact: true }), await codeFor(ada.context, heyy.url, email))

  await type(page.getByLabel('Your name'), 'Ada')
  await type(page.getByLabel('Day'), '17')
  await type(page.getByLabel('Month'), 'May')
  await type(page.getByLabel('Year'), '1990')
  await press('Continue')
  await press('Not now')
  await press('Take me to the rooms')

  await press('Start a room')
  await press('Open the room')
  await ada.inRoom(/Come in and talk/)

  await press('Unmute microphone')
  await expect(button('Mute microphone')).toBeVisible()
  await expect(button('Mute microphone'), 'the focus stays where it was').toBeFocused()
  await keyboard.press('m')
  await expect(button('Unmute microphone')).toBeVisible()
  await keyboard.press('m')
  await expect(button('Mute microphone')).toBeVisible()

  await press('More')
  await press('Sound')
  await expect(page.getByRole('dialog', { name: 'Sound' })).toBeVisible()
  await keyboard.press('Escape')
  await expect(button('More'), 'the focus comes back past the menu').toBeFocused()
  await press(/^Chat/)
  await expect(page.getByRole('textbox', { name: 'Write to the room' })).toBeFocused()
  await keyboard.press('Escape')
  await expect(button(/^Chat/), 'the focus comes back out of the chat').toBeFocused()

  await press('Leave your seat')
  await press('Take a seat')
  const check = page.getByRole('dialog', { name: 'Can we hear you?' })
  await expect(check).toBeVisible()
  await keyboard.press('Escape')
  await expect(check).toBeHidden()
  await expect(button('Take a seat'), 'the focus comes back').toBeFocused()
  await keyboard.press('Enter')
  await press('Take the seat')
  await expect(button('Unmute microphone')).toBeVisible()
  await press('Leave quietly')
  await expect(page.getByRole('heading', { level: 1, name: 'Ada' })).toBeVisible()
})
