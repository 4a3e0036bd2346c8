import { describe, expect, it } from 'vitest'
import { birthDate, monthNames, partOrder } from './birth'

const now = new Date('2026-11-22T12:00:00Z')
const on = (year: string, month: string, day: string) => birthDate({ year, month, day }, now)

describe('a birth date', () => {
  it('is written for the server', () => {
    expect(on('1999', '2', '7')).toBe('1999-02-07')
    expect(on('2000', '2', '29')).toBe('2000-02-29')
    expect(on('１９９９', '2', '７')).toBe('1999-02-07')
    expect(on('١٩٩٩', '2', '٠٧')).toBe('1999-02-07')
    expect(on('۱۹۹۹', '2', '۷')).toBe('1999-02-07')
    expect(on('१९९९', '2', '०७')).toBe('1999-02-07')
  })

  it('is unfinished while a part is missing', () => {
    expect(on('', '2', '7')).toBeUndefined()
    expect(on('1999', '', '7')).toBeUndefined()
    expect(on('1999', '2', ' ')).toBeUndefined()
  })

  it('is no date on days that do not exist', () => {
    expect(on('1999', '2', '29')).toBe(false)
    expect(on('1999', '4', '31')).toBe(false)
    expect(on('1999', '4', '0')).toBe(false)
    expect(on('99', '4', '1')).toBe(false)
    expect(on('abcd', '4', '1')).toBe(false)
    expect(on('1850', '4', '1')).toBe(false)
    expect(on('2027', '4', '1')).toBe(false)
  })

  it('leaves the question of age to the server', () => {
    expect(on('2026', '1', '1')).toBe('2026-01-01')
  })

  it('is asked for in the order of the language', () => {
    expect(partOrder('en')).toEqual(['month', 'day', 'year'])
    expect(partOrder('it')).toEqual(['day', 'month', 'year'])
    expect(partOrder('zh')).toEqual(['year', 'month', 'day'])
  })

  it('names the months', () => {
    expect(monthNames('it')[1]).toBe('febbraio')
    expect(monthNames('zh')[11]).toBe('十二月')
    expect(monthNames('en')).toHaveLength(12)
  })
})
