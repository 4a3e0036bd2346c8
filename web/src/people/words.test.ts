import { renderHook } from '@testing-library/react'
import { beforeEach, describe, expect, it } from 'vitest'
import { setLanguage, startI18n } from '../i18n'
import { categoryKeys } from '../i18n/vocabulary.gen'
import { moodNames } from '../ui'
import { clock, useWords, within } from './words'

const words = () => renderHook(() => useWords()).result.current
/** As it is read: names are set apart by marks that nobody sees. */
const plain = (said: string | undefined) => said?.replace(/[\u2068\u2069]/g, '')

describe('what is said of people', () => {
  beforeEach(() => startI18n('en'))

  it('says why, as a friend would', () => {
    const { reason } = words()
    expect(reason({ kind: 'interests', keys: ['jazz', 'night_trains'] })).toBe(
      'In common: jazz and night trains.',
    )
    expect(reason({ kind: 'language', keys: ['it'] })).toBe('You both speak Italian.')
    expect(reason({ kind: 'intent', keys: ['dating', 'friends'] })).toBe(
      'You’re both here for dating and friends.',
    )
    expect(reason({ kind: 'region', keys: [] })).toBe('You live in the same region.')
    expect(reason({ kind: 'voice', keys: [] })).toBe(
      'Sounds like voices you’ve listened to all the way through.',
    )
  })

  it('says nothing where it would be half a sentence', () => {
    expect(words().reason({ kind: 'interests', keys: [] })).toBeUndefined()
  })

  it('says it in the language shown', async () => {
    await setLanguage('it', false)
    const { reason } = words()
    expect(reason({ kind: 'interests', keys: ['jazz', 'hiking'] })).toBe(
      'In comune: jazz e escursioni.',
    )
    await setLanguage('zh', false)
    expect(words().reason({ kind: 'language', keys: ['it'] })).toBe('你们都说意大利语。')
  })

  it('gives a region, never a distance', () => {
    const { region } = words()
    const milan = { name: 'Milano', country: 'IT', size: 'city' } as const
    expect(plain(region(milan))).toBe('around Milano')
    expect(plain(region({ ...milan, where: 'nearby' }))).toBe('around Milano, nearby')
    expect(plain(region({ ...milan, size: 'wide', where: 'farther' }))).toBe(
      'the wider region of Milano, farther away',
    )
  })
})

it.each([
  ['Night trains', 'night trains'],
  ['K-pop', 'K-pop'],
  ['R&B', 'R&B'],
  ['DIY', 'DIY'],
  ['爵士乐', '爵士乐'],
])('writes %s within a sentence as %s', (name, said) => {
  expect(within(name, 'en')).toBe(said)
})

it('tells the time of a recording', () => {
  expect(clock(14_200)).toBe('0:14')
  expect(clock(61_000)).toBe('1:01')
  expect(clock(100)).toBe('0:01')
})

it('has a mood for every category', () => {
  expect(moodNames).toEqual(categoryKeys)
})
