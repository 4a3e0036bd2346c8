import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { inks, linear } from './colour'
import { radiusAt, type Shape, shape, type VoiceMark } from './shape'

/** What the server draws as images: its test holds itself to the same file. */
type Known = {
  id: string
  voice: VoiceMark | null
  look: Shape
  /** Of each layer, at eight angles. */
  radii: number[][]
  /** Of each layer: core, body and rim in linear light. */
  colours: [number, number, number][][]
}

const fixture = resolve(import.meta.dirname, '../../../../internal/media/aura/testdata/looks.json')
const people: Known[] = JSON.parse(readFileSync(fixture, 'utf8'))

/** Every number of a value, in order; what is not a number stays as it is. */
function leaves(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value]
  return Object.keys(value)
    .sort()
    .flatMap((key) => [key, ...leaves((value as Record<string, unknown>)[key])])
}

function expectSame(made: unknown, known: unknown) {
  const [a, b] = [leaves(made), leaves(known)]
  expect(a).toHaveLength(b.length)
  a.forEach((x, i) => {
    if (typeof x === 'number') expect(x).toBeCloseTo(b[i] as number, 9)
    else expect(x).toBe(b[i])
  })
}

describe.each(people)('$id looks here as in an image of the server', (known) => {
  const made = shape(known.voice ?? undefined, known.id)

  it('in shape', () => {
    expectSame(made, known.look)
    expectSame(
      made.layers.map((layer) =>
        Array.from({ length: 8 }, (_, i) => radiusAt(layer, (i / 8) * 2 * Math.PI)),
      ),
      known.radii,
    )
  })

  it('in colour', () => {
    expectSame(
      made.layers.map(({ hue }) =>
        Object.values(inks.dark).map(([lightness, chroma]) => linear(lightness, chroma, hue)),
      ),
      known.colours,
    )
  })
})

it('knows more than a few people, and some without a voice', () => {
  expect(people.length).toBeGreaterThanOrEqual(30)
  expect(people.filter((known) => !known.voice).length).toBeGreaterThan(1)
})
