import { expect, it } from 'vitest'
import { member, roomWith } from '../testing/roomFake'
import type { RoomState } from '../voice/state'
import { Cues, cameOn, isCrowd, Pace, raised, SENTENCE_MS } from './stageNews'

const you = member('me', { role: 'host', seat: 1 })
const inside = (members = [you], more = {}): RoomState => ({
  status: 'live',
  roomId: 'r',
  room: roomWith(1, you, { members, ...more }),
  you,
  connection: 'connected',
  mic: 'muted',
  playback: 'ok',
})
const ada = member('ada', { seat: 2, role: 'speaker' })
const somebody = (...ids: string[]) => ids.map((id) => ({ id, name: id }))
const on = (...ids: string[]) => new Map(ids.map((id) => [id, true]))

it('tells who came on stage, and neither oneself nor whoever was there', () => {
  expect(cameOn(inside(), inside([you, ada]))).toMatchObject([{ id: 'ada' }])
  expect(cameOn(inside([you, ada]), inside([you, ada]))).toEqual([])
  expect(cameOn(inside([]), inside())).toEqual([])
  expect(cameOn({ status: 'joining', roomId: 'r' }, inside([you, ada]))).toEqual([])
})

it('tells hosts alone of hands', () => {
  const up = member('ben', { hand: 3 })
  const asked = [inside([you, member('ben')]), inside([you, up])] as const
  expect(raised(...asked)).toMatchObject([{ id: 'ben' }])
  const listens = (state: RoomState) =>
    ({ ...state, you: { ...you, role: 'listener' } }) as RoomState
  expect(raised(listens(asked[0]), listens(asked[1]))).toEqual([])
})

it('falls silent in a crowd, and in a rush until it is over', () => {
  expect(isCrowd(inside([you, ada], { listeners: 19 }))).toBe(false)
  expect(isCrowd(inside([you, ada], { listeners: 20 }))).toBe(true)
  const cues = new Cues()
  const heard = [0, 1, 2, 3, 4, 5, 9000].map((s) => cues.may(s))
  expect(heard).toEqual([true, true, true, true, false, false, false])
  expect(cues.may(30_000)).toBe(true)
})

it('says one sentence each five seconds, merged', () => {
  const pace = new Pace()
  const all = on('a', 'b', 'c', 'd')
  pace.came(somebody('a'))
  expect(pace.next(0, all)).toEqual({ say: 'cameOn', name: 'a', count: 0 })
  pace.came(somebody('b'))
  pace.came(somebody('c', 'd'))
  expect(pace.next(SENTENCE_MS - 1, all)).toBeUndefined()
  expect(pace.next(SENTENCE_MS, all)).toEqual({ say: 'cameOn', name: 'b', count: 2 })
  expect(pace.next(3 * SENTENCE_MS, all)).toBeUndefined()
})

it('says nothing of whoever has left the stage meanwhile', () => {
  const pace = new Pace()
  pace.came(somebody('a', 'b'))
  expect(pace.next(0, on('b'))).toEqual({ say: 'cameOn', name: 'b', count: 0 })
})

it('says who speaks once, until somebody else does, and after who came', () => {
  const pace = new Pace()
  const all = on('a', 'b')
  let now = 0
  const next = (...speaking: string[]) => {
    now += SENTENCE_MS
    pace.speaks(somebody(...speaking))
    return pace.next(now, all)
  }
  expect(next('a')).toEqual({ say: 'speaks', name: 'a', count: 0 })
  expect(next('a')).toBeUndefined()
  pace.came(somebody('b'))
  expect(next('b')).toMatchObject({ say: 'cameOn' })
  expect(next('a', 'b')).toEqual({ say: 'speaks', name: 'a', count: 1 })
  expect(next('b')).toBeUndefined()
  expect(next('a')).toBeUndefined()
})
