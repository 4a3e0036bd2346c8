import { expect, it } from 'vitest'
import { freePlace, nextStep, partOf } from './parts'

const clip = (place: number) => ({ place, prompt: 'best_sound', url: '', ms: 1, peaks: [] })
const me = (needs: string[], places: number[] = [], verified = false) => ({
  needs,
  clips: places.map(clip),
  verified,
})

it('asks for a voice before anything else', () => {
  expect(nextStep(me(['gender', 'interests', 'intro']))).toBe('intro')
})

it('then asks in the order of the server, one thing at a time', () => {
  expect(nextStep(me(['intents', 'home'], [0]))).toBe('meet')
  expect(nextStep(me(['home'], [0]))).toBe('home')
  expect(nextStep(me(['something_new'], [0, 1], true))).toBeUndefined()
})

it('then offers one more card, then to be verified, then nothing', () => {
  expect(nextStep(me([], [0]))).toBe('clip')
  expect(nextStep(me([], [0, 2]))).toBe('verify')
  expect(nextStep(me([], [0, 2], true))).toBeUndefined()
})

it('finds the place for the next recording', () => {
  expect(freePlace(me([], [0, 2]))).toBe(1)
  expect(freePlace(me([], [0, 1, 2, 3]))).toBeUndefined()
  expect(partOf('clip', me([], [0]))).toEqual({ clip: 1 })
  expect(partOf('gender', me([]))).toBe('self')
})
