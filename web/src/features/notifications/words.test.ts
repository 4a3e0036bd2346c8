import i18next from 'i18next'
import { beforeAll, expect, it } from 'vitest'
import type { Notification, Person } from '../../api'
import { startI18n } from '../../i18n'
import { notificationKindKeys, notificationOutcomeKeys } from '../../i18n/vocabulary.gen'
import { clockOf, minutesOf } from './clock'
import { linkOf, sentence } from './words'

beforeAll(() => startI18n('en'))

const person = { id: 'anna', name: 'Anna' } as Person
const one = (more: Partial<Notification>): Notification => ({
  id: 'n',
  kind: 'match',
  at: 0,
  seen: false,
  ...more,
})
const say = (more: Partial<Notification>) =>
  sentence(i18next.t, one(more)).replaceAll(/[\u2068\u2069]/g, '')

it('says every kind with every end, with and without a person', () => {
  for (const kind of notificationKindKeys) {
    for (const outcome of [undefined, ...notificationOutcomeKeys]) {
      for (const about of [undefined, person]) {
        const said = say({ kind, outcome, person: about, detail: 'Jazz' })
        expect(said, `${kind} ${outcome}`).not.toMatch(/notifications\.|\{|undefined/)
        expect(linkOf(one({ kind, outcome, person: about })).to).toMatch(/^\//)
      }
    }
  }
})

it('names whom a call was from, and how it ended', () => {
  expect(say({ kind: 'call_ring', person })).toBe('Anna is calling you')
  expect(say({ kind: 'call_ring', person, outcome: 'missed' })).toBe('You missed a call from Anna')
  expect(say({ kind: 'verification', outcome: 'approved' })).toBe('You’re verified')
})

it('reads the minutes of a day from a time field', () => {
  for (const minutes of [0, 5, 450, 1439]) expect(minutesOf(clockOf(minutes))).toBe(minutes)
  expect(minutesOf('22:05:30')).toBe(1325)
  for (const bad of ['', '7:30', '24:00', 'ab:cd']) expect(minutesOf(bad)).toBeUndefined()
})
