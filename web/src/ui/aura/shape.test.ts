import { describe, expect, it } from 'vitest'
import { hueOf, outline, path, radiusAt, shape } from './shape'

const voice = { pitch_hz: 180, brightness: 0.5, tempo: 0.5, energy: 0.5 }
const round = (n: number) => Math.round(n * 1e4) / 1e4

describe('an aura', () => {
  it('is the same for one person on every device', () => {
    expect(shape(voice, 'ada')).toEqual(shape({ ...voice }, 'ada'))
  })

  it('differs between two people with the same voice', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 500; i++) {
      const made = shape(voice, `person-${i}`)
      seen.add(made.layers.map((layer) => path(layer, 50)).join())
    }
    expect(seen.size).toBe(500)
  })

  it('goes from deep blue for low voices to amber for high ones', () => {
    expect(hueOf(80)).toBe(258)
    expect(hueOf(300)).toBe(258 + 160)
    expect(hueOf(120)).toBeLessThan(hueOf(121))
  })

  it('has more lobes the faster a voice is', () => {
    const lobes = (tempo: number) =>
      Array.from(
        { length: 100 },
        (_, i) => shape({ ...voice, tempo }, `p${i}`).layers[1]?.waves[0]?.count ?? 0,
      ).reduce((a, b) => a + b)
    expect(lobes(0)).toBeLessThan(lobes(0.5))
    expect(lobes(0.5)).toBeLessThan(lobes(1))
  })

  it('stays inside its box at any level and turn', () => {
    for (let i = 0; i < 200; i++) {
      const made = shape(
        { pitch_hz: 60 + i * 2, brightness: 1, tempo: (i % 10) / 9, energy: 1 },
        `p${i}`,
      )
      const body = made.layers[1]
      if (!body) throw new Error('no body')
      for (const [x, y] of outline(body, 64, 1, i)) expect(Math.hypot(x, y)).toBeLessThan(1)
    }
  })

  it('grows with the level', () => {
    const body = shape(voice, 'ada').layers[1]
    if (!body) throw new Error('no body')
    const mean = (level: number) =>
      outline(body, 90, level).reduce((sum, [x, y]) => sum + Math.hypot(x, y), 0) / 90
    expect(mean(1)).toBeGreaterThan(mean(0.5))
    expect(mean(0.5)).toBeGreaterThan(mean(0))
  })

  it('closes: the outline ends where it began', () => {
    const layer = shape(voice, 'ada').layers[0]
    if (!layer) throw new Error('no layer')
    expect(round(radiusAt(layer, 0))).toBe(round(radiusAt(layer, 2 * Math.PI)))
  })

  it('is a plain ring before there is a voice', () => {
    const made = shape(undefined, 'ada')
    expect(made.plain).toBe(true)
    expect(made.layers).toHaveLength(1)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -5])('survives a measure of %s', (odd) => {
    const made = shape({ pitch_hz: odd, brightness: odd, tempo: odd, energy: odd }, 'ada')
    for (const layer of made.layers) expect(path(layer, 50)).not.toMatch(/NaN|Infinity/)
  })

  it('is the same from the number that the server makes of an id', () => {
    const mark = { pitch_hz: 180, brightness: 0.4, tempo: 0.5, energy: 0.6 }
    expect(shape(mark, 2590189445)).toEqual(shape(mark, '018f3c1e-7a2b-4c3d-8e9f-000000000001'))
  })
})
