import type { Locator } from '@playwright/test'
import type { Person } from './person.ts'
import { A, B, expect, test } from './test.ts'

const chatOf = (of: Person) => of.page.getByTestId('room-chat')
const line = (of: Person, text: string) =>
  chatOf(of).getByRole('listitem').filter({ hasText: text })

async function openChat(of: Person): Promise<Locator> {
  await of.press(/^Chat/)
  await expect(chatOf(of)).toBeVisible()
  return chatOf(of).getByRole('textbox', { name: 'Write to the room' })
}

test('a room writes, mentions, deletes, slows down and shows what it feels', async ({ member }) => {
  const bob = await member('Bob', { hz: B })
  const ada = await member('Ada', { hz: A })
  const address = await bob.open('Night shift')
  await ada.follow(address, 'Night shift')
  const adas = await openChat(ada)
  await expect(chatOf(ada).getByText('Say something to the room.')).toBeVisible()

  // Bob's chat is closed: his button counts, and says that he is mentioned.
  await adas.fill('Evening all')
  await adas.press('Enter')
  await expect(bob.button(/^Chat.*1 new message/)).toBeVisible()
  await adas.pressSequentially('Hi @bo')
  await ada.page.getByRole('option', { name: /Bob/ }).click()
  await expect(adas).toHaveValue('Hi @Bob ')
  await adas.pressSequentially('and good night')
  await adas.press('Enter')
  await expect(adas).toHaveValue('')
  await expect(bob.button(/^Chat.*one mentions you/)).toBeVisible()
  await expect(bob.page.getByTestId('live-region')).toContainText('mentioned you')
  const bobs = await openChat(bob)
  await expect(line(bob, 'Hi @Bob and good night')).toHaveAttribute('data-mentioned', 'true')
  await expect(line(ada, 'Hi @Bob and good night')).not.toHaveAttribute('data-mentioned')

  // It is found by the beginning of a word.
  await chatOf(ada).getByRole('button', { name: 'Search the chat' }).click()
  await chatOf(ada).getByRole('searchbox').fill('even')
  await expect(chatOf(ada).getByRole('listitem')).toHaveText([/Evening all/])
  await chatOf(ada).getByRole('button', { name: 'Search the chat' }).click()

  // The host takes a message away, for both.
  await line(bob, 'Evening all').hover()
  await line(bob, 'Evening all')
    .getByRole('button', { name: /^Options/ })
    .click()
  await bob.press('Delete message')
  await expect(chatOf(ada).getByText('Deleted by the host')).toBeVisible()
  await expect(chatOf(ada).getByText('Evening all')).toHaveCount(0)

  // Slow mode holds Ada back, and says for how long; Bob is free.
  await chatOf(bob).getByRole('button', { name: 'Chat settings' }).click()
  // The choice is shown once the server has taken it.
  await bob.page.getByRole('radio', { name: '30 s' }).click({ force: true })
  await expect(bob.page.getByRole('radio', { name: '30 s' })).toBeChecked()
  await bob.page.keyboard.press('Escape')
  await adas.fill('One')
  await adas.press('Enter')
  await expect(ada.page.getByText(/You can write again in \d+ s/)).toBeVisible()
  await adas.fill('Two')
  await adas.press('Enter')
  await expect(adas).toHaveValue('Two')
  for (const text of ['Free', 'Free again']) {
    await bobs.fill(text)
    await bobs.press('Enter')
    await expect(line(ada, text).last()).toBeVisible()
  }

  // Bob's fire is seen over his seat, and applause with its number.
  await bob.press('React')
  await bob.press('Fire')
  const fire = ada.page.locator('[data-over]', { hasText: '🔥' })
  await expect(fire).toBeVisible()
  const seat = await ada.page.locator('[data-seat-of]').first().boundingBox()
  const seen = await fire.evaluate((el) => ({
    x: Number.parseFloat((el as HTMLElement).style.left),
    y: Number.parseFloat((el as HTMLElement).style.top),
  }))
  expect(seat && seen.x > seat.x && seen.x < seat.x + seat.width, 'over the seat').toBe(true)
  expect(seat && seen.y > seat.y && seen.y < seat.y + seat.height, 'at its height').toBe(true)
  await ada.press('React')
  await bob.press('Clap')
  await ada.press('Clap')
  await expect(ada.page.getByTestId('applause')).toContainText('2')

  // A link and a new title reach who is inside.
  await bob.press('More')
  await bob.press('Title, topic and link')
  await bob.page.getByLabel('What is it about?').fill('Night shift, second half')
  await bob.page.getByLabel('Pinned link').fill('example.org/songs')
  await bob.press('Save')
  await ada.inRoom('Night shift, second half')
  const link = ada.page.getByRole('link', { name: /^Pinned link ?example.org/ })
  await expect(link).toHaveAttribute('href', 'https://example.org/songs')
  await expect(link).toHaveAttribute('rel', /noopener/)

  // Turned off, nobody writes; what was begun is still there.
  await chatOf(bob).getByRole('button', { name: 'Chat settings' }).first().click()
  await bob.page.getByRole('switch', { name: 'People can write' }).click()
  await expect(chatOf(ada).getByText('The chat is off.')).toBeVisible()
  await bob.page.getByRole('switch', { name: 'People can write' }).click()
  await expect(adas).toHaveValue('Two')
})
