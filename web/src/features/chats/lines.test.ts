import { expect, it } from 'vitest'
import type { Outgoing } from '../../realtime/queue'
import { message } from '../../testing/messages'
import { firstUnread, linesOf } from './lines'

const noon = new Date(2026, 2, 6, 12).getTime()
const said = (n: number, minutes: number, mine = false) =>
  message(n, { at: noon + minutes * 60_000, mine })
const going = (id: string, more: Partial<Outgoing> = {}): Outgoing => ({
  id,
  text: 'x',
  at: noon,
  state: 'sending',
  ...more,
})

it('groups what one person says within a minute', () => {
  const lines = linesOf([said(1, 0), said(2, 0.5), said(3, 0.7, true), said(4, 1.2, true)], [], {})
  expect(lines.map(({ first, last }) => [first, last])).toEqual([
    [true, false],
    [false, true],
    [true, true],
    [true, true],
  ])
})

it('begins each day, and what is new', () => {
  const lines = linesOf([said(1, -1440), said(2, 0), said(3, 0.1)], [], { freshN: 3 })
  expect(lines.map(({ day, fresh }) => [day, fresh])).toEqual([
    [true, false],
    [true, false],
    [false, true],
  ])
  expect(lines[2]?.first).toBe(true)
})

it('marks the last of my messages that was read', () => {
  const mine = [said(1, 0, true), said(2, 1, true), said(3, 2), said(4, 3, true)]
  const read = (theirReadN: number) =>
    linesOf(mine, [], { theirReadN })
      .filter((line) => line.message && line.read)
      .map(({ key }) => key)
  expect(read(3)).toEqual(['m-2'])
  expect(read(4)).toEqual(['m-4'])
  expect(read(0)).toEqual([])
})

it('puts what is on its way behind, and never twice', () => {
  const lines = linesOf([said(1, 0)], [going('m-1'), going('new')], {})
  expect(lines.map(({ key }) => key)).toEqual(['m-1', 'new'])
  expect(lines[1]?.mine).toBe(true)
})

it('finds the first unread one of theirs', () => {
  const all = [said(1, 0), said(2, 1, true), message(3, { deleted: true }), said(4, 2)]
  expect(firstUnread(all, 1)).toBe(4)
  expect(firstUnread(all, 4)).toBeUndefined()
})
