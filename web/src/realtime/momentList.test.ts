import { describe, expect, it } from 'vitest'
import type { MomentAuthor, OwnMoment } from '../api'
import {
  drop,
  isUnheard,
  live,
  momentsReducer,
  noMoments,
  posted,
  setHeard,
  without,
} from './momentList'

const person = (id: string) => ({ id, name: id, resident: false, verified: false })
const author = (
  id: string,
  ...moments: [id: string, heard?: boolean, expires?: number][]
): MomentAuthor => ({
  person: person(id),
  chat: 'there',
  moments: moments.map(([of, heard = false, expires_at = 100]) => ({
    id: of,
    at: 0,
    expires_at,
    ms: 9000,
    text: '',
    heard,
  })),
})
const own = (id: string, expires_at = 100): OwnMoment => ({
  id,
  at: 0,
  expires_at,
  ms: 9000,
  text: '',
  audience: 'matches',
  heard_by: 0,
})
const { merge, apply, isStale } = momentsReducer
const two = merge(noMoments, {
  mine: [own('m')],
  people: [author('ada', ['a1'], ['a2']), author('bob', ['b1'])],
})

describe('the list of moments', () => {
  it('stays heard, though an answer on its way does not know', () => {
    const heard = setHeard(two, 'a1')
    const again = merge(heard, { mine: [], people: [author('ada', ['a1'], ['a2'])] })
    expect(again.people[0]?.moments.map((m) => m.heard)).toEqual([true, false])
    expect(isUnheard(again.people[0] as MomentAuthor)).toBe(true)
    expect(again.people).toHaveLength(1)
  })

  it('lets go of somebody with the match, and an older answer does not bring them back', () => {
    const ended = apply(two, { type: 'match_ended', person_id: 'ada' })
    if (ended === 'gap') throw new Error('a gap')
    expect(ended.people.map((one) => one.person.id)).toEqual(['bob'])
    expect(merge(ended, { mine: [], people: [author('ada', ['a1'])] }).people).toEqual([])
    expect(drop(two, 'bob').people).toHaveLength(1)
  })

  it('reads again when the server says so', () => {
    expect(isStale?.(two, { type: 'moments' })).toBe(true)
    expect(isStale?.(two, { type: 'queue' })).toBe(false)
  })

  it('has what was posted, and nothing that is over or removed', () => {
    const more = posted(posted(two, own('n', 7)), own('n', 7))
    expect(more.mine.map((m) => m.id)).toEqual(['m', 'n'])
    expect(live(more, 7).mine.map((m) => m.id)).toEqual(['m'])
    expect(live(more, 6)).toBe(more)
    expect(without(two, 'b1').people.map((one) => one.person.id)).toEqual(['ada'])
    expect(live(two, 100)).toMatchObject({ mine: [], people: [] })
  })
})
