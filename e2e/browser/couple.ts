import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Person } from './person.ts'
import { expect } from './test.ts'

export const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

interface Deck {
  cards: { ticket: string; person: { id: string } }[]
}

/** Both like each other, over the API. */
export async function match(a: Person, b: Person): Promise<[string, string]> {
  const ids: [string, string] = [await a.canBeMet('woman', voice), await b.canBeMet('man', voice)]
  for (const [by, other] of [
    [a, ids[1]],
    [b, ids[0]],
  ] as const) {
    let ticket = ''
    await expect
      .poll(async () => {
        const { cards } = await by.tell<Deck>('GET', '/api/discover?most=20')
        ticket = cards.find(({ person }) => person.id === other)?.ticket ?? ''
        return ticket
      })
      .not.toBe('')
    await by.tell('PUT', `/api/discover/${other}`, { choice: 'like', ticket })
  }
  return ids
}

/** A message on somebody's screen. */
export const bubble = (of: Person, text: string) => of.page.getByText(text, { exact: true })

export async function write(by: Person, text: string): Promise<void> {
  await by.page.getByRole('textbox', { name: /^Message to/ }).fill(text)
  await by.page.getByRole('button', { name: 'Send' }).click()
}
