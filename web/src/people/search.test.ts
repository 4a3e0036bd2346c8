import { expect, it } from 'vitest'
import { find, fold } from './search'

const among = (names: string[], query: string) => find(names, query, (name) => [name])

it('compares words as people mean them', () => {
  expect(fold('  CAFFÈ ')).toBe('caffe')
  expect(fold('ＪＡＺＺ')).toBe('jazz')
})

it('puts beginnings before middles', () => {
  expect(among(['Street food', 'Food', 'Seafood'], 'food')).toEqual([
    'Food',
    'Street food',
    'Seafood',
  ])
})

it('finds any script, with or without spaces', () => {
  expect(among(['街头美食', '美食'], '美食')).toEqual(['美食', '街头美食'])
  expect(among(['Ελληνικά'], 'ελλην')).toEqual(['Ελληνικά'])
})

it('finds by any name, and nothing for nothing', () => {
  const items = [{ names: ['Deutsch', 'German', 'tedesco'] }]
  expect(find(items, 'tede', (one) => one.names)).toHaveLength(1)
  expect(find(items, ' ', (one) => one.names)).toEqual([])
  expect(find(items, '.*', (one) => one.names)).toEqual([])
})
