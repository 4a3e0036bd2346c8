import { expect, it } from 'vitest'
import { alertNews } from './callAlert'

it('says that somebody looks now only while that is likely true', () => {
  expect(alertNews(1000, 1000)).toBe('now')
  expect(alertNews(1000, 120_999)).toBe('now')
  expect(alertNews(1000, 121_000)).toBe('before')
})
