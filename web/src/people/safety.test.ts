import { describe, expect, it } from 'vitest'
import type { Clip } from '../api'
import { placeOf } from './safety'

const clip = (id: string): Clip => ({
  place: 0,
  prompt: 'best_sound',
  url: `/api/clips/${id}?ticket=t`,
  ms: 9000,
  peaks: [],
})
const player = (key?: string, ...heard: string[]) => ({
  get: () => ({ key }),
  heard: (one: string) => (heard.includes(one) ? 0.4 : 0),
})

describe('the place of a report', () => {
  it('is the clip that plays, before one that was heard', () => {
    const clips = [clip('a'), clip('b')]
    expect(placeOf('discover', clips, player('/api/clips/b', '/api/clips/a'))).toBe('clip:b')
    expect(placeOf('discover', clips, player(undefined, '/api/clips/a'))).toBe('clip:a')
  })

  it('is where they are shown, if nothing of theirs was heard', () => {
    expect(placeOf('discover', [clip('a')], player('/api/clips/x'))).toBe('discover')
    expect(placeOf('room:1', undefined, player('/api/clips/x'))).toBe('room:1')
  })
})
