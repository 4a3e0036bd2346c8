import { describe, expect, it } from 'vitest'
import type { Preferences } from '../../api'
import { dropped, narrows, preferenceKeys } from './preferences'

const narrow: Preferences = {
  meet: ['man'],
  from: 25,
  to: 45,
  intents: ['dating'],
  languages: ['it'],
  interests: ['jazz'],
  verified_only: true,
}

describe.each(preferenceKeys)('the wish for %s', (key) => {
  it('narrows, and no more once it is dropped', () => {
    expect(narrows(narrow, key)).toBe(true)
    expect(narrows(dropped(narrow, key), key)).toBe(false)
  })

  it('leaves the others as they are', () => {
    const others = preferenceKeys.filter((other) => other !== key)
    expect(others.every((other) => narrows(dropped(narrow, key), other))).toBe(true)
  })
})
