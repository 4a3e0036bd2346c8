import { readFileSync } from 'node:fs'
import type { Person } from './person.ts'
import { A, B, expect, test } from './test.ts'

test('two people on a stage exchange cards, which nobody else gets and a block ends', async ({
  member,
}) => {
  const ada = await member('Ada', { hz: A })
  const bob = await member('Bob', { hz: B, deaf: true })
  const eve = await member('Eve', { deaf: true })
  await ada.tell('PATCH', '/api/me', {
    work: {
      role: 'Engineer; Go, C',
      company: 'Ada & Söhne',
      links: ['https://ada.example/me'],
      open_to: ['speaking'],
    },
  })
  const title = 'Go in production'
  const room = await ada.tell<{ id: string }>('POST', '/api/rooms', {
    category: 'work',
    title,
    language: 'en',
    shape: 'stage',
  })
  const at = new URL(`/rooms/${room.id}`, ada.url).href
  for (const who of [ada, bob, eve]) await who.follow(at, title)

  const card = (of: Person) => of.page.getByRole('region', { name: 'Cards' })
  await ada.press(/^Bob/)
  await card(ada).getByRole('button', { name: 'Exchange cards' }).click()
  await expect(card(ada).getByText(/Bob.* can see your offer for a day/)).toBeVisible()

  // Bob sees it in the room; Eve does not.
  await expect(card(bob).getByText(/Ada.* offers you their card/)).toBeVisible()
  await expect(card(eve)).toHaveCount(0)
  await card(bob).getByRole('button', { name: 'Exchange cards' }).click()
  await expect(card(bob), 'it is answered').toHaveCount(0)
  await expect(card(ada).getByText(/have each other’s card/)).toBeVisible()

  // What Ada says of her work is in Bob's collection, and in the file for his address book.
  await bob.page.goto(new URL('/me/cards', bob.url).href)
  const row = bob.page.getByRole('listitem').filter({ hasText: 'Ada & Söhne' })
  await expect(row.getByText(/Met in .*Go in production.*: Today/)).toBeVisible()
  const [file] = await Promise.all([
    bob.page.waitForEvent('download'),
    row.getByRole('link', { name: /Save to contacts: .*Ada/ }).click(),
  ])
  expect(file.suggestedFilename()).toMatch(/\.vcf$/)
  const text = readFileSync(await file.path(), 'utf8').replaceAll('\r\n ', '')
  for (const line of [
    'BEGIN:VCARD',
    'VERSION:4.0',
    'FN:Ada',
    'TITLE:Engineer\\; Go\\, C',
    'ORG:Ada & Söhne',
    'URL:https://ada.example/me',
  ]) {
    expect(text.split('\r\n')).toContain(line)
  }
  expect(text).toContain('NOTE:Met on Heyy in “Go in production”')
  expect(text).toContain('Open to: Speaking')

  // Ada was told; Eve has nothing.
  await ada.page.goto(new URL('/notifications', ada.url).href)
  await expect(ada.page.getByText(/You and .*Bob.* have each other’s card/)).toBeVisible()
  await eve.page.goto(new URL('/me/cards', eve.url).href)
  await expect(eve.page.getByRole('heading', { name: 'No cards yet' })).toBeVisible()

  // Ada blocks Bob: neither has the other's card any more.
  const { cards } = await ada.tell<{ cards: { person: { id: string } }[] }>('GET', '/api/me/cards')
  await ada.tell('PUT', `/api/people/${cards[0]?.person.id}/block`)
  await expect(bob.page.getByRole('heading', { name: 'No cards yet' })).toBeVisible()
  await ada.page.goto(new URL('/me/cards', ada.url).href)
  await expect(ada.page.getByRole('heading', { name: 'No cards yet' })).toBeVisible()
})
