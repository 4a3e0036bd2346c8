import { beforeAll, expect, it } from 'vitest'
import { setLanguage, startI18n } from '.'
import { clockTime, dayTitle, sameDay, shortTime } from './times'

beforeAll(() => startI18n('en'))

const now = new Date(2026, 2, 6, 20, 41).getTime()
const at = (day: number, hour = 9, month = 2, year = 2026) =>
  new Date(year, month, day, hour).getTime()

it('tells days apart by the clock of the place, also around midnight', () => {
  expect(sameDay(at(6, 0), at(6, 23))).toBe(true)
  expect(sameDay(at(5, 23), at(6, 0))).toBe(false)
})

it('names the day above messages', () => {
  expect(dayTitle(at(6, 0), now)).toBe('Today')
  expect(dayTitle(at(5), now)).toBe('Yesterday')
  expect(dayTitle(at(3), now)).toBe('Tuesday, March 3')
  expect(dayTitle(at(3, 9, 2, 2025), now)).toBe('Monday, March 3, 2025')
})

it('is as short as it can be in a list', () => {
  expect(shortTime(at(6, 9), now)).toBe(clockTime(at(6, 9)))
  expect(shortTime(at(5), now)).toBe('Yesterday')
  expect(shortTime(at(3), now)).toBe('Tue')
  expect(shortTime(at(27, 9, 1), now)).toBe('Feb 27')
  expect(shortTime(at(27, 9, 1, 2025), now)).toBe('Feb 27, 2025')
})

it('begins with a capital in every language', async () => {
  await setLanguage('it', false)
  expect(dayTitle(at(5), now)).toBe('Ieri')
  await setLanguage('en', false)
})
