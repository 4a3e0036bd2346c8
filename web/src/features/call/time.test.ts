import { expect, it } from 'vitest'
import { gone, left, until } from './time'

it('shows a second until it is over, and never less than none', () => {
  expect(left(420_000, 0)).toBe('7:00')
  expect(left(420_000, 1)).toBe('7:00')
  expect(left(420_000, 1001)).toBe('6:59')
  expect(left(1000, 400)).toBe('0:01')
  expect(left(1000, 90_000)).toBe('0:00')
})

it('counts what has gone by', () => {
  expect(gone(1000, 62_900)).toBe('1:01')
  expect(gone(5000, 1000)).toBe('0:00')
})

it('says how far away an hour is', () => {
  expect(until(90_000, 0)).toEqual({ days: 0, hours: 0, minutes: 2 })
  expect(until(26 * 3_600_000, 0)).toEqual({ days: 1, hours: 2, minutes: 0 })
})
