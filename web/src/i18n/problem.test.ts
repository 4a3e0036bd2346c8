import { renderHook } from '@testing-library/react'
import { beforeAll, expect, it } from 'vitest'
import { startI18n } from '.'
import { problemKey, useProblemText } from './problem'

beforeAll(() => startI18n('en'))

it('says a code it has words for', () => {
  expect(problemKey({ code: 'room.in_call', status: 409 })).toBe('problem.room_in_call')
  expect(problemKey({ code: 'offline' })).toBe('problem.offline')
})

it('calls nothing our fault that the server refused', () => {
  for (const status of [400, 403, 404, 409, 410, 422, 429]) {
    expect(problemKey({ code: 'something.new', status })).toBe('problem.refused')
  }
  expect(problemKey({ code: 'internal', status: 500 })).toBe('problem.unknown')
  expect(problemKey({ code: 'http.502', status: 502 })).toBe('problem.unknown')
  expect(problemKey({ code: 'unexpected' })).toBe('problem.unknown')
})

it('says how many characters fit', () => {
  const say = renderHook(useProblemText).result.current
  const long = { code: 'text.too_long', status: 422 }
  expect(say({ ...long, field: 'body.name' })).toContain('40')
  expect(say({ ...long, field: 'body.work.role' })).toContain('60')
  expect(say({ ...long, field: 'body.other' })).toBe('This is too long. Shorten it.')
})
