import { beforeAll, expect, it } from 'vitest'
import { startI18n } from '../i18n'
import { agesAround, agesInWords, kept, shown } from './ages'

beforeAll(() => startI18n('it'))

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

it('writes ages as the language writes a range', () => {
  expect(agesInWords({ from: 25, to: 35 })).toMatch(/^25[-–]35 anni$/)
  expect(agesInWords({ from: 40, to: 120 })).toBe('da 40 anni in su')
})
