import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { languages } from '.'
import { loadIcebreakers } from './icebreakers'

/** The server's own deck, as its code spells it. */
const code = readFileSync(
  resolve(import.meta.dirname, '../../../internal/meet/call/cards.go'),
  'utf8',
)
const names: Record<string, string> = {
  Question: 'question',
  WouldYouRather: 'would_you_rather',
  Game: 'game',
}
const deck = [
  ...code.matchAll(/of\((\w+), (?:nil|\[\]string\{[^}]*\}),\s*((?:"\w+",?\s*)+)\)/g),
].flatMap(([, kind = '', keys = '']) =>
  [...keys.matchAll(/"(\w+)"/g)].map(([, key = '']) => [key, names[kind]] as const),
)

it('finds the cards of the server', () => {
  expect(deck.length).toBeGreaterThanOrEqual(60)
})

it.each([...languages])('has words for every card in %s, of the same kind', async (language) => {
  const cards = await loadIcebreakers(language)
  const found = [...cards].map(([key, { kind }]) => [key, kind] as const)
  const sorted = (list: readonly (readonly [string, string | undefined])[]) =>
    [...list].sort(([a], [b]) => a.localeCompare(b))
  expect(sorted(found)).toEqual(sorted(deck))
  const texts = [...cards.values()].map(({ text }) => text)
  expect(new Set(texts).size).toBe(texts.length)
  for (const text of texts) {
    expect(text.length).toBeGreaterThan(6)
    expect(text.length).toBeLessThanOrEqual(100)
  }
})
