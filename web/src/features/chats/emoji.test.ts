import { readFileSync } from 'node:fs'
import i18next from 'i18next'
import { expect, it } from 'vitest'
import { languages, startI18n } from '../../i18n'
import { emojiIn } from './emoji'

it.each([...languages])('has words in %s for every emoji, in their order', async (language) => {
  const read = (name: string) => JSON.parse(readFileSync(`${import.meta.dirname}/${name}`, 'utf8'))
  const { emoji } = read('emoji.json')
  const { words } = read(`emoji.${language}.json`)
  expect(words).toHaveLength(emoji.length)
  await startI18n(language)
  const data = await emojiIn(language, i18next.t)
  expect(data.emojis.length).toBeGreaterThan(1500)
  const named = (one: string) => data.emojis.find((found) => found.emoji === one)?.label
  expect(named('🐱')).toBe({ en: 'Cat face', it: 'Muso di gatto', zh: '猫脸' }[language])
  const wave = data.emojis.find((found) => found.emoji === '👋')
  expect(wave?.skins?.['medium-dark']).toBe('👋🏾')
  const known = new Set(data.categories.map(({ index }) => index))
  expect(data.emojis.filter(({ category }) => !known.has(category))).toEqual([])
})
