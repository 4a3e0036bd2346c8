import { expect, it } from 'vitest'
import { revealState } from './opening'

it.each([
  ['none', false, false, undefined],
  ['mine', true, false, undefined],
  ['theirs', false, true, undefined],
  // Both have offered, and the server has not said that they are open.
  ['mine', true, true, undefined],
  ['open', true, true, 1],
] as const)('is %s', (state, mine, theirs, at) => {
  expect(revealState({ mine, theirs, photos: [], ...(at ? { opened_at: at } : {}) })).toBe(state)
})
