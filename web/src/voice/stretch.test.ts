import { describe, expect, it } from 'vitest'
import { stretch } from './stretch'

const RATE = 48_000
const tone = (hz: number, seconds: number) =>
  Float32Array.from(
    { length: seconds * RATE },
    (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / RATE),
  )

/** How often a signal rises through zero in a second. */
function pitch(signal: Float32Array): number {
  let rises = 0
  for (let i = 1; i < signal.length; i++) {
    if ((signal[i - 1] ?? 0) < 0 && (signal[i] ?? 0) >= 0) rises++
  }
  return (rises / signal.length) * RATE
}

describe('a voice that is played faster', () => {
  for (const rate of [1.5, 2]) {
    it(`lasts as long as it should and keeps its pitch at ${rate}`, () => {
      for (const hz of [110, 220, 440]) {
        const fast = stretch(tone(hz, 2), rate, RATE)
        expect(fast.length).toBe(Math.round((2 * RATE) / rate))
        expect(Math.abs(pitch(fast) / hz - 1)).toBeLessThan(0.02)
        const middle = fast.subarray(RATE / 10, fast.length - RATE / 10)
        const power = middle.reduce((sum, x) => sum + x * x, 0) / middle.length
        // A sine of 0.5 has a power of 0.125.
        expect(power).toBeGreaterThan(0.09)
        expect(power).toBeLessThan(0.16)
      }
    })
  }

  it('is as it was at its own speed', () => {
    const as = tone(200, 0.1)
    expect(stretch(as, 1, RATE)).toBe(as)
  })
})
