import { beforeEach, describe, expect, it } from 'vitest'
import { Problem } from '../api'
import { Bonds } from './bonds'
import type { OwnListener } from './connection'

const tick = () => new Promise<void>((done) => setTimeout(done, 0))
const offline = Problem.offline()
const gone = new Problem({ code: 'person.unknown', status: 404, detail: '' })

describe('bonds', () => {
  let sent: { person: string; on: boolean; done(): void; fail(why: Problem): void }[]
  let reads: ((answer: { following: string[]; friends: string[] }) => void)[]
  let own: OwnListener | undefined
  let bonds: Bonds

  beforeEach(async () => {
    sent = []
    reads = []
    bonds = new Bonds({
      read: () => new Promise((answer) => reads.push(answer)),
      listen: (owner) => {
        own = owner
        return () => {}
      },
      later: () => () => {},
      onNetwork: () => () => {},
      send: (person, on) =>
        new Promise((done, fail) => sent.push({ person, on, done: () => done(undefined), fail })),
    })
    bonds.start()
    reads[0]?.({ following: ['ada'], friends: ['cleo'] })
    await tick()
  })

  const following = () => [...bonds.get().following].sort()
  const friends = () => [...bonds.get().friends].sort()

  it('shows a follow at once, and once more when it has arrived', async () => {
    const done = bonds.follow('bob', true)
    expect(following()).toEqual(['ada', 'bob'])
    expect(bonds.get().going.has('bob')).toBe(true)
    void bonds.follow('bob', false) // pressed again meanwhile
    expect(sent.map(({ person, on }) => [person, on])).toEqual([['bob', true]])
    sent[0]?.done()
    expect(await done).toBeUndefined()
    expect(following()).toEqual(['ada', 'bob'])
    expect(bonds.get().going.size).toBe(0)
  })

  it('takes back what did not arrive, and says why', async () => {
    const follow = bonds.follow('bob', true)
    sent[0]?.fail(offline)
    expect(await follow).toBe(offline)
    const unfollow = bonds.follow('ada', false)
    expect(following()).toEqual([])
    sent[1]?.fail(offline)
    expect(await unfollow).toBe(offline)
    expect(following()).toEqual(['ada'])
  })

  it('follows nobody any more who is not there', async () => {
    const done = bonds.follow('ada', false)
    sent[0]?.fail(gone)
    expect(await done).toBeUndefined()
    expect(following()).toEqual([])
  })

  it('keeps a follow on its way through an answer that is older', async () => {
    void bonds.follow('bob', true)
    void bonds.refresh()
    reads[1]?.({ following: ['ada'], friends: [] })
    await tick()
    expect(following()).toEqual(['ada', 'bob'])
    own?.event({ type: 'bond', person_id: 'bob', following: false, friend: false })
    expect(following()).toEqual(['ada', 'bob'])
  })

  it('hears of friends by follows and by matches', () => {
    own?.event({ type: 'bond', person_id: 'ada', following: true, friend: true })
    expect(friends()).toEqual(['ada', 'cleo'])
    own?.event({ type: 'bond', person_id: 'ada', following: true, friend: false })
    const dan = { id: 'dan', name: 'Dan', resident: false, verified: false }
    own?.event({ type: 'matched', person: dan })
    expect(friends()).toEqual(['cleo', 'dan'])
    expect(following()).toEqual(['ada'])
    own?.event({ type: 'match_ended', person_id: 'cleo' })
    bonds.drop('ada')
    expect([following(), friends()]).toEqual([[], ['dan']])
  })

  it('counts changes of the lists of people', () => {
    const before = bonds.get().changes
    own?.event({ type: 'followers' })
    own?.event({ type: 'typing', person_id: 'ada' })
    expect(bonds.get().changes).toBe(before + 1)
  })
})
