import { expect, it } from 'vitest'
import { Ripples } from './ripples'

it('sends nothing out in silence', () => {
  const ripples = new Ripples()
  for (let at = 0; at < 5000; at += 50) ripples.hear(0.05, at)
  expect(ripples.any).toBe(false)
})

it('sends a ring for a sound, which goes out and fades', () => {
  const ripples = new Ripples()
  ripples.hear(0.8, 1000)
  const [early] = ripples.at(1100)
  const [late] = ripples.at(2900)
  expect(late?.radius).toBeGreaterThan(early?.radius ?? 1)
  expect(late?.alpha).toBeLessThan(early?.alpha ?? 0)
  expect(ripples.at(4000)).toEqual([])
  expect(ripples.any).toBe(false)
})

it('keeps a syllable’s distance, and is stronger for louder words', () => {
  const ripples = new Ripples()
  for (let at = 0; at < 1000; at += 50) ripples.hear(0.9, at)
  expect(ripples.at(1000).length).toBeLessThanOrEqual(6)
  const soft = new Ripples()
  soft.hear(0.2, 0)
  const loud = new Ripples()
  loud.hear(0.9, 0)
  expect(loud.at(300)[0]?.width).toBeGreaterThan(soft.at(300)[0]?.width ?? 1)
})
