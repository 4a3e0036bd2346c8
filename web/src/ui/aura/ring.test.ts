import { describe, expect, it } from 'vitest'
import { bars, dragged, fractionAt, middle, turnOf } from './ring'

const along = (fraction: number) => {
  const angle = 2 * Math.PI * turnOf(fraction)
  return [Math.sin(angle), -Math.cos(angle)] as const
}

describe('the ring of a recording', () => {
  it('finds the moment that it shows at a place, at any distance', () => {
    for (let i = 0; i <= 100; i++) {
      const [x, y] = along(i / 100)
      expect(fractionAt(x, y)).toBeCloseTo(i / 100, 9)
      expect(fractionAt(140 * x, 140 * y)).toBeCloseTo(i / 100, 9)
    }
  })

  it('runs clockwise from the top', () => {
    expect(fractionAt(1, 0)).toBeCloseTo(0.25, 1)
    expect(fractionAt(0, 1)).toBeCloseTo(0.5, 9)
    expect(fractionAt(-1, 0)).toBeCloseTo(0.75, 1)
  })

  it('has its ends on the two sides of the top, and gives one of them between', () => {
    expect(fractionAt(0.001, -1)).toBe(0)
    expect(fractionAt(-0.001, -1)).toBe(1)
    expect(fractionAt(0, 0)).toBeGreaterThanOrEqual(0)
  })

  it('stops a finger that goes over the top', () => {
    expect(dragged(0.98, 0.03)).toBe(1)
    expect(dragged(1, 0.2)).toBe(1)
    expect(dragged(0.02, 0.97)).toBe(0)
    expect(dragged(0.4, 0.6)).toBe(0.6)
    expect(dragged(1, 0.9)).toBe(0.9)
  })

  it('draws a bar for each peak within its box, whatever the peaks are', () => {
    const odd = [0, 1, -3, 7, Number.NaN, Number.POSITIVE_INFINITY, ...Array(58).fill(1)]
    const path = bars(odd, 300)
    expect(path.match(/M/g)).toHaveLength(64)
    const numbers = path.match(/-?\d+\.\d/g)?.map(Number) ?? []
    expect(numbers).toHaveLength(4 * 64)
    for (let i = 0; i < numbers.length; i += 2) {
      const far = Math.hypot(numbers[i] ?? 0, numbers[i + 1] ?? 0)
      expect(far).toBeLessThan(150)
      expect(Math.abs(far - middle * 300)).toBeLessThan(15)
    }
  })

  it('draws nothing without peaks', () => {
    expect(bars([], 300)).toBe('')
  })
})
