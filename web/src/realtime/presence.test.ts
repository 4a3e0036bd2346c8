import { expect, it } from 'vitest'
import type { Presence } from '../api'
import { presenceReducer as reducer } from './presence'

const one = (person_id: string, state: Presence['state'], title?: string): Presence => ({
  person_id,
  state,
  ...(title ? { room: { id: `r-${title}`, title } } : {}),
})
const states = (known: typeof reducer.initial) =>
  [...known.people.values()].map(({ person_id, state }) => `${person_id} ${state}`)

it('follows who comes, goes into a room, wants peace and leaves', () => {
  let known = reducer.merge(reducer.initial, [one('bob', 'online'), one('cleo', 'online')])
  const hear = (event: Parameters<typeof reducer.apply>[1]) => {
    const next = reducer.apply(known, event)
    if (next !== 'gap') known = next
  }
  hear({ type: 'presence', ...one('bob', 'in_room', 'Late talk') })
  expect(known.people.get('bob')?.room?.title).toBe('Late talk')
  hear({ type: 'presence', ...one('bob', 'do_not_disturb') })
  expect(known.people.get('bob')?.room).toBeUndefined()
  hear({ type: 'presence', ...one('dora', 'online') })
  hear({ type: 'presence', ...one('cleo', 'offline') })
  expect(states(known)).toEqual(['bob do_not_disturb', 'dora online'])
  hear({ type: 'presence', ...one('bob', 'offline') })
  expect(states(known)).toEqual(['dora online'])
})

it('forgets whom a new list has no more', () => {
  const known = reducer.merge(reducer.initial, [one('bob', 'online')])
  expect(states(reducer.merge(known, [one('cleo', 'online')]))).toEqual(['cleo online'])
})
