import { beforeEach, describe, expect, it } from 'vitest'
import type { Match } from '../api/types'
import type { OwnListener } from './connection'
import { Matches } from './matches'

const person = (id: string) => ({ id, name: id, resident: false, verified: false })
const match = (id: string, at: number, theirs = false): Match => ({
  at,
  age: 30,
  intents: [],
  person: {
    ...person(id),
    badges: [],
    clips: [],
    interests: [],
    language: 'en',
    languages: [],
    pronouns: '',
  },
  reveal: { mine: false, theirs, photos: [] },
})
const tick = () => new Promise<void>((done) => setTimeout(done, 0))

describe('matches', () => {
  let reads: { answer(list: Match[]): void; fail(): void }[]
  let own: OwnListener | undefined
  let seen: number
  let matches: Matches
  let stop: () => void

  beforeEach(() => {
    reads = []
    seen = 0
    matches = new Matches({
      read: () =>
        new Promise((answer, fail) => {
          reads.push({ answer, fail: () => fail(new Error('lost')) })
        }),
      listen: (owner) => {
        own = owner
        return () => {
          own = undefined
        }
      },
      seen: () => seen,
      remember: (at) => {
        seen = at
      },
      later: () => () => {},
      onNetwork: () => () => {},
    })
    stop = matches.start()
  })

  const ids = () => matches.get().matches.map((m) => m.person.id)
  const arrive = async (...list: Match[]) => {
    reads.at(-1)?.answer(list)
    await tick()
  }

  it('shows the newest first, and how many nobody has looked at', async () => {
    seen = 1
    await arrive(match('ada', 1), match('bo', 5))
    expect(ids()).toEqual(['bo', 'ada'])
    expect(matches.get().unseen).toBe(1)
    matches.look()
    expect(matches.get().unseen).toBe(0)
    expect(seen).toBe(5)
  })

  it('tells of a match once, whichever word of it comes first', async () => {
    await arrive()
    matches.matched(match('ada', 1))
    expect(matches.get().moment?.id).toBe('ada')
    matches.celebrated()
    own?.event({ type: 'matched', person: person('ada') })
    expect(matches.get().moment).toBeUndefined()

    own?.event({ type: 'matched', person: person('bo') })
    expect(matches.get().moment?.id).toBe('bo')
    matches.celebrated()
    matches.matched(match('bo', 2))
    expect(matches.get().moment).toBeUndefined()
  })

  it('leaves the moment to a screen that shows it by itself', async () => {
    await arrive()
    const done = matches.claim('ada')
    own?.event({ type: 'matched', person: person('ada') })
    expect(matches.get().moment).toBeUndefined()
    done()
    own?.event({ type: 'matched', person: person('bo') })
    expect(matches.get().moment?.id).toBe('bo')
    matches.claim('bo')
    expect(matches.get().moment).toBeUndefined()
  })

  it('reads again when something about a match changes, also while it reads', async () => {
    own?.event({ type: 'match_changed', person_id: 'ada' })
    expect(reads).toHaveLength(1)
    await arrive(match('ada', 1))
    expect(reads).toHaveLength(2)
    await arrive(match('ada', 1, true))
    expect(matches.get().matches[0]?.reveal.theirs).toBe(true)
  })

  it('never brings back who is gone, even if an older list still has them', async () => {
    own?.event({ type: 'matched', person: person('ada') })
    own?.event({ type: 'match_ended', person_id: 'ada' })
    await arrive(match('ada', 1))
    await arrive(match('ada', 1))
    expect(ids()).toEqual([])
    expect(matches.get().moment).toBeUndefined()
  })

  it('keeps what it has when reading fails later', async () => {
    await arrive(match('ada', 1))
    own?.missed()
    reads.at(-1)?.fail()
    await tick()
    expect(matches.get().status).toBe('ready')
    expect(ids()).toEqual(['ada'])
  })

  it('forgets everything for whoever comes next', async () => {
    await arrive(match('ada', 1))
    stop()
    expect(ids()).toEqual([])
    expect(own).toBeUndefined()
  })
})
