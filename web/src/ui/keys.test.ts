import { expect, it } from 'vitest'
import { letter } from './keys'

it.each<[string, string, string, string | undefined]>([
  ['English', 'm', 'KeyM', 'm'],
  ['with the capitals on', 'M', 'KeyM', 'm'],
  ['French, where M is elsewhere', 'm', 'Semicolon', 'm'],
  ['French, where a comma is at the place of M', ',', 'KeyM', ','],
  ['Russian', 'ь', 'KeyM', 'm'],
  ['Greek', 'μ', 'KeyM', 'm'],
  ['Hebrew', 'צ', 'KeyM', 'm'],
  ['Chinese, while words are made', 'Process', 'KeyM', 'm'],
  ['an arrow', 'ArrowLeft', 'ArrowLeft', undefined],
])('finds the letter of a key: %s', (_, key, code, found) => {
  expect(letter({ key, code })).toBe(found)
})
