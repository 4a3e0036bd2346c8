import { expect, it } from 'vitest'
import { decide, threshold } from './swipe'

it.each([
  ['a small push goes back', 40, 0.1, undefined],
  ['a long push to the right likes', 140, 0.1, 'like'],
  ['a long push to the left passes', -140, -0.1, 'pass'],
  ['a flick to the right likes', 60, 0.9, 'like'],
  ['a flick to the left passes', -60, -0.9, 'pass'],
  ['a twitch is no flick', 12, 1.5, undefined],
  ['pulling back changes the mind', 140, -0.9, undefined],
  ['a short push that flicks back is nothing', 60, -0.9, undefined],
] as const)('%s', (_, dx, speed, choice) => {
  expect(decide({ dx, speed, width: 390 })).toBe(choice)
})

it('asks less of a narrow card', () => {
  expect(threshold(320)).toBeLessThan(threshold(720))
  expect(threshold(720)).toBe(130)
})
