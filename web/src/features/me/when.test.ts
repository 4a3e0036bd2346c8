import { describe, expect, it } from 'vitest'
import { ago } from './when'

const now = Date.UTC(2026, 10, 22, 12)
const minutes = (n: number) => now - n * 60_000

describe('how long ago', () => {
  it('takes the largest unit that fits', () => {
    expect(ago(minutes(0.9), now, 'en')).toBe('now')
    expect(ago(minutes(0.9), now, 'it')).toBe('ora')
    expect(ago(minutes(5), now, 'en')).toBe('5 minutes ago')
    expect(ago(minutes(185), now, 'en')).toBe('3 hours ago')
    expect(ago(minutes(60 * 24), now, 'en')).toBe('yesterday')
    expect(ago(minutes(60 * 24 * 9), now, 'it')).toBe('9 giorni fa')
  })

  it('does not look into the future when clocks differ', () => {
    expect(ago(now + 90_000, now, 'en')).toBe('now')
  })
})
