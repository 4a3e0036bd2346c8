import { expect, it } from 'vitest'
import { levelsOf, Sound, wav } from './recorder-sound'

const tone = (seconds: number, rate: number, loud = 0.5) =>
  Float32Array.from(
    { length: seconds * rate },
    (_, i) => loud * Math.sin((2 * Math.PI * 220 * i) / rate),
  )

it('knows how long somebody spoke, and how loud at every tenth of a second', () => {
  const sound = new Sound(16_000)
  const all = tone(1, 16_000)
  for (let at = 0; at < all.length; at += 2048) sound.add(all.slice(at, at + 2048))
  for (let i = 0; i < 8; i++) sound.add(new Float32Array(2000))
  expect(sound.ms).toBeCloseTo(2000)
  expect(sound.bars).toHaveLength(20)
  expect(sound.bars[3]).toBeGreaterThan(0.8)
  expect(sound.bars[15]).toBe(0)
  expect(sound.samples()).toHaveLength(32_000)
})

it('makes a file that says what it holds', async () => {
  const samples = tone(0.01, 8000)
  const file = wav(samples, 8000)
  expect(file.size).toBe(44 + samples.length * 2)
  const bytes = new DataView(await bytesOf(file))
  expect(bytes.getUint32(24, true)).toBe(8000)
  expect(bytes.getUint16(22, true)).toBe(1)
  expect(bytes.getInt16(44 + 20, true)).toBe(Math.round((samples[10] ?? 0) * 0x7fff))
})

it('keeps the loudest of every stretch', () => {
  expect(levelsOf([0, 1, 0, 0, 0.5, 0], 3)).toEqual([1, 0, 0.5])
  expect(levelsOf([0.3], 3)).toEqual([0.3, 0.3, 0.3])
  expect(levelsOf([], 2)).toEqual([0, 0])
})

/** jsdom's files have no arrayBuffer of their own. */
function bytesOf(file: Blob): Promise<ArrayBuffer> {
  return new Promise((done) => {
    const reader = new FileReader()
    reader.onload = () => done(reader.result as ArrayBuffer)
    reader.readAsArrayBuffer(file)
  })
}
