import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { locale, setLanguage, startI18n } from '.'
import { clockTime, dayAndTime, dayTitle, sameDay, shortTime } from './times'

beforeAll(() => startI18n('en'))
afterEach(() => {
  vi.restoreAllMocks()
})

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

const browserSpeaks = (...tags: string[]) =>
  vi.spyOn(navigator, 'languages', 'get').mockReturnValue(tags)

it('writes days and times as the browser has it where they read that language', () => {
  browserSpeaks('it-IT', 'en-GB', 'en-US')
  expect(locale()).toBe('en-GB')
  expect(clockTime(now)).toBe('20:41')
  expect(dayTitle(at(3), now)).toBe('Tuesday 3 March')
  expect(dayAndTime(at(27, 21, 1), now)).toContain('27 Feb')
})

it('writes them as the language does where the browser has another one, or other letters', async () => {
  browserSpeaks('de-DE', 'C', 'english')
  expect(locale()).toBe('en')
  browserSpeaks('zh-TW')
  await setLanguage('zh', false)
  expect(locale()).toBe('zh')
  browserSpeaks('zh-TW', 'zh-SG')
  expect(locale()).toBe('zh-SG')
  await setLanguage('en', false)
})
