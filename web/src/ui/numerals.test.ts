import { expect, it } from 'vitest'
import { numerals } from './numerals'

it('reads the digits of every script', () => {
  for (const zero of [
    0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xe50, 0x1040, 0x17e0, 0xff10, 0x1d7ce, 0x1d7ec, 0x1e950,
  ]) {
    const row = Array.from({ length: 10 }, (_, n) => String.fromCodePoint(zero + n)).join('')
    expect(numerals(row), zero.toString(16)).toBe('0123456789')
  }
})

it('leaves everything else', () => {
  expect(numerals(' 12-x٣. ')).toBe(' 12-x3. ')
  expect(numerals('')).toBe('')
})
