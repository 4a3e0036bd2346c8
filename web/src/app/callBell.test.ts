import { expect, it } from 'vitest'
import { bellNews } from './callBell'

it('says that somebody looks now only while that is likely true', () => {
  expect(bellNews(1000, 1000)).toBe('now')
  expect(bellNews(1000, 120_999)).toBe('now')
  expect(bellNews(1000, 121_000)).toBe('before')
})
