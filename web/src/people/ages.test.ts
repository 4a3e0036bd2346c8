import { expect, it } from 'vitest'
import { agesAround, kept, shown } from './ages'

it('looks ten years around, never below eighteen', () => {
  expect(agesAround(34)).toEqual({ from: 24, to: 44 })
  expect(agesAround(19)).toEqual({ from: 18, to: 29 })
  expect(agesAround(77)).toEqual({ from: 67, to: 80 })
})

it('means everybody older by the end of the slider', () => {
  expect(kept({ from: 30, to: 80 })).toEqual({ from: 30, to: 120 })
  expect(kept({ from: 30, to: 79 })).toEqual({ from: 30, to: 79 })
  expect(shown({ from: 18, to: 120 })).toEqual({ from: 18, to: 80 })
})
