import { expect, it } from 'vitest'
import { share } from './heard'

it.each<[string, [number, number][], number, number]>([
  ['nothing', [], 10, 0],
  ['a beginning', [[0, 2.5]], 10, 0.25],
  [
    'two parts',
    [
      [0, 2],
      [5, 8],
    ],
    10,
    0.5,
  ],
  [
    'the same part twice',
    [
      [0, 4],
      [1, 4],
    ],
    10,
    0.4,
  ],
  [
    'parts out of order',
    [
      [6, 8],
      [0, 2],
    ],
    10,
    0.4,
  ],
  ['all but the last breath', [[0, 9.9]], 10, 1],
  ['a recording without length', [[0, 4]], Number.NaN, 0],
])('counts %s', (_, stretches, length, expected) => {
  expect(share(stretches, length)).toBeCloseTo(expected)
})
