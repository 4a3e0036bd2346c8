import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '../public')
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.webmanifest'), 'utf8'))

interface Picture {
  src: string
  sizes: string
  type: string
  form_factor?: 'narrow' | 'wide'
  label?: string
}

/** Pixels of a PNG or of a WebP, from its first bytes. */
function sizeOf(file: string): { type: string; width: number; height: number } {
  const bytes = readFileSync(file)
  if (bytes.subarray(1, 4).toString() === 'PNG') {
    return { type: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) }
  }
  // As Chromium writes it: the size less one, 24 bits each.
  expect(`${bytes.subarray(0, 4)} ${bytes.subarray(8, 16)}`, file).toBe('RIFF WEBPVP8X')
  return {
    type: 'image/webp',
    width: bytes.readUIntLE(24, 3) + 1,
    height: bytes.readUIntLE(27, 3) + 1,
  }
}

const shown: Picture[] = manifest.screenshots
const pictures: Picture[] = [
  ...manifest.icons,
  ...shown,
  ...manifest.shortcuts.flatMap(({ icons }: { icons: Picture[] }) => icons),
]

it.each(pictures)('$src is there, of the kind and size that are claimed', (picture) => {
  const { type, width, height } = sizeOf(join(folder, picture.src))
  expect(`${width}x${height}`).toBe(picture.sizes)
  if (picture.type) expect(type).toBe(picture.type)
})

it('shows a few light pictures of each form, as browsers ask for them', () => {
  for (const form of ['narrow', 'wide'] as const) {
    const all = shown.filter(({ form_factor }) => form_factor === form)
    expect(all.length).toBeGreaterThanOrEqual(2)
    expect(all.length).toBeLessThanOrEqual(3)
    // Of different shapes, a browser shows none.
    expect(new Set(all.map(({ sizes }) => sizes)).size).toBe(1)
  }
  for (const { src, sizes, form_factor, label } of shown) {
    const [width = 0, height = 0] = sizes.split('x').map(Number)
    expect(width > height, src).toBe(form_factor === 'wide')
    expect(Math.max(width, height) / Math.min(width, height), src).toBeLessThanOrEqual(2.3)
    expect(statSync(join(folder, src)).size, src).toBeLessThan(120_000)
    expect(label, src).toMatch(/\S/)
  }
})
