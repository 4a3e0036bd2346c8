import { expect, it } from 'vitest'
import { follow } from './envelope'

function after(ms: number, from: number, to: number): number {
  let shown = from
  for (let t = 0; t < ms; t += 10) shown = follow(shown, to, 0.01)
  return shown
}

it('rises within 60 ms and falls within 250 ms to about two thirds of the way', () => {
  expect(after(60, 0, 1)).toBeCloseTo(1 - Math.exp(-1), 2)
  expect(after(250, 1, 0)).toBeCloseTo(Math.exp(-1), 2)
})

it('comes to rest exactly, so that nothing is drawn in silence', () => {
  expect(after(2500, 1, 0)).toBe(0)
})
