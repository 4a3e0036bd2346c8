import { expect, it } from 'vitest'
import { clapsOf, gainOf } from './applause'

it('sounds like more people the more there are, and never louder than a voice', () => {
  expect(clapsOf(0)).toBe(0)
  expect(clapsOf(1)).toBeLessThan(clapsOf(5))
  expect(clapsOf(5)).toBeLessThan(clapsOf(40))
  expect(clapsOf(100_000)).toBe(24)
  for (const people of [1, 3, 40, 100_000]) {
    const claps = clapsOf(people)
    // Noise adds up by its power: a voice peaks at about 0.3.
    expect(gainOf(claps) * Math.sqrt(claps)).toBeLessThan(0.06)
  }
})
