import { expect, it } from 'vitest'
import { Loudness } from './evenness'

const LOOK_MS = 100
const power = (db: number) => 10 ** (db / 10)

/** Speaks at a loudness for some seconds; the gains after each look. */
function speak(voice: Loudness, db: number, seconds: number): number[] {
  return Array.from({ length: (seconds * 1000) / LOOK_MS }, () => {
    voice.heard(power(db), LOOK_MS)
    return voice.gainDb
  })
}

it('brings a loud and a soft voice to the same loudness, by 1 dB a second at most', () => {
  for (const db of [-11, -29]) {
    const voice = new Loudness()
    const gains = speak(voice, db, 20)
    expect(db + voice.gainDb).toBeCloseTo(-20, 1)
    gains.forEach((gain, i) => {
      expect(Math.abs(gain - (gains[i - 1] ?? 0))).toBeLessThanOrEqual(0.1 + 1e-9)
    })
  }
})

it('changes nobody by more than 12 dB', () => {
  const soft = new Loudness()
  speak(soft, -45, 60)
  expect(soft.gainDb).toBe(12)
  const loud = new Loudness()
  speak(loud, 0, 60)
  expect(loud.gainDb).toBe(-12)
})

it('concludes nothing of less than a second, nor of silence', () => {
  const voice = new Loudness()
  speak(voice, -11, 0.8)
  expect(voice.gainDb).toBe(0)
  speak(voice, -60, 30)
  voice.heard(0, LOOK_MS)
  expect(voice.gainDb).toBe(0)
})

it('lifts no pause between words', () => {
  const voice = new Loudness()
  for (let i = 0; i < 30; i++) {
    speak(voice, -20, 0.6)
    const before = voice.gainDb
    speak(voice, -45, 0.4)
    expect(voice.gainDb).toBe(before)
  }
  expect(Math.abs(voice.gainDb)).toBeLessThan(0.5)
})

it('follows somebody who speaks much softer from now on', () => {
  const voice = new Loudness()
  speak(voice, -12, 20)
  speak(voice, -32, 120)
  expect(-32 + voice.gainDb).toBeCloseTo(-20, 0)
})

it('takes a page that slept for no speech', () => {
  const voice = new Loudness()
  speak(voice, -11, 2)
  const before = voice.gainDb
  voice.heard(power(-11), 60_000)
  expect(before - voice.gainDb).toBeLessThanOrEqual(1)
})
