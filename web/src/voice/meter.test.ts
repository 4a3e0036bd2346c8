import { describe, expect, it } from 'vitest'
import { loudness } from './meter'

const tone = (amplitude: number) =>
  Float32Array.from(
    { length: 1024 },
    (_, i) => amplitude * Math.sin((2 * Math.PI * 440 * i) / 48_000),
  )

describe('loudness', () => {
  it('is nothing for silence and for a room’s hush', () => {
    expect(loudness(new Float32Array(1024))).toBe(0)
    expect(loudness(tone(0.001))).toBe(0)
  })

  it('is everything for a shout, and never more', () => {
    expect(loudness(tone(1))).toBe(1)
    expect(loudness(tone(4))).toBe(1)
  })

  it('grows evenly with decibels', () => {
    const steps = [0.01, 0.02, 0.04, 0.08].map((a) => loudness(tone(a)))
    const rises = steps.slice(1).map((x, i) => x - (steps[i] ?? 0))
    for (const rise of rises) expect(rise).toBeCloseTo(6.02 / 43, 2)
  })
})
