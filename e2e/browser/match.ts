import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from '@playwright/test'
import type { Person } from './person.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

interface Deck {
  cards: { ticket: string; person: { id: string } }[]
}

/** Makes two people a match, over the API. Gives their ids. */
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
