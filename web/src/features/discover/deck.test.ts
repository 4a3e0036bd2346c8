import { beforeEach, describe, expect, it } from 'vitest'
import { type Chosen, type Deck as Dealt, type DiscoverCard, type Match, Problem } from '../../api'
import { Deck } from './deck'
import type { Choice } from './swipe'

const card = (id: string, url = `/api/clips/${id}?ticket=1`): DiscoverCard => ({
  age: 30,
  intents: [],
  reasons: [],
  ticket: `ticket-${url}`,
  person: {
    id,
    name: id,
    resident: false,
    verified: false,
    badges: [],
    clips: [{ place: 0, prompt: 'p', ms: 9000, peaks: [], url }],
    interests: [],
    language: 'en',
    languages: [],
    pronouns: '',
  },
})
const dealt = (ids: readonly string[], more: Partial<Dealt> = {}): Dealt => ({
  alert: false,
  limited: false,
  likes_left: 30,
  cards: ids.map((id) => card(id)),
  ...more,
})
const thin = { people: 2, without: {} }
const tick = () => new Promise<void>((done) => setTimeout(done, 0))
const problem = (status: number, code: string) => new Problem({ status, code, detail: '' })

describe('the deck', () => {
  let deals: { answer(deck: Dealt): void; fail(why: Problem): void }[]
  let told: {
    person: string
    ticket: string
    choice: Choice
    answer(c: Chosen): void
    fail(why: Problem): void
  }[]
  let undone: { answer(person: string): void }[]
  let matched: Match[]
  let clock: number
  let deck: Deck

  beforeEach(() => {
    deals = []
    told = []
    undone = []
    matched = []
    clock = 0
    deck = new Deck({
      deal: () => new Promise((answer, fail) => deals.push({ answer, fail })),
      choose: ({ person, ticket = '' }, choice) =>
        new Promise((answer, fail) =>
          told.push({ person: person.id, ticket, choice, answer, fail }),
        ),
      undo: () => new Promise((answer) => undone.push({ answer })),
      alert: () => Promise.reject(problem(503, 'down')),
      matched: (match) => matched.push(match),
      now: () => clock,
    })
  })

  const ids = () => deck.get().cards.map((c) => c.person.id)
  const deal = async (...args: Parameters<typeof dealt>) => {
    deals.at(-1)?.answer(dealt(...args))
    await tick()
  }
  const many = ['a', 'b', 'c', 'd', 'e', 'f', 'g']

  it('has the next card there at once, and tells the server in order', async () => {
    deck.open()
    await deal(many)
    deck.choose('pass')
    deck.choose('like')
    expect(ids()[0]).toBe('c')
    await tick()
    expect(told.map((c) => c.person)).toEqual(['a'])
    told[0]?.answer({ likes_left: 30 })
    await tick()
    expect(told.map((c) => [c.person, c.choice])).toEqual([
      ['a', 'pass'],
      ['b', 'like'],
    ])
  })

  it('takes no second tap for the card that slides in', async () => {
    deck.open()
    await deal(many)
    expect(deck.settled('a')).toBe(true)
    expect(deck.settled('b')).toBe(false)
    deck.choose('like')
    clock += 180
    expect(deck.settled('a')).toBe(false)
    expect(deck.settled('b')).toBe(false)
    clock += 300
    expect(deck.settled('b')).toBe(true)
    // A deal that leaves the top alone does not unsettle it.
    const dealing = deck.deal()
    deals.at(-1)?.answer(dealt(['b', 'z']))
    await dealing
    expect(deck.settled('b')).toBe(true)
  })

  it('takes a card anew that was looked at for very long', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('like')
    await tick()
    told[0]?.fail(problem(410, 'card.stale'))
    await tick()
    deals.at(-1)?.answer({ ...dealt([]), cards: [card('a', 'new')] })
    await tick()
    expect(told.map((c) => c.ticket)).toEqual(['ticket-/api/clips/a?ticket=1', 'ticket-new'])
    told[1]?.answer({ likes_left: 29 })
    await tick()
    expect(deck.get().problem).toBeUndefined()
    expect(deck.get().likesLeft).toBe(29)
  })

  it('says so where such a card is not served any more', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('like')
    await tick()
    told[0]?.fail(problem(410, 'card.stale'))
    await tick()
    deals.at(-1)?.answer(dealt(['b']))
    await tick()
    expect(told).toHaveLength(1)
    expect(ids()).toEqual(['b'])
    expect(deck.get().problem?.code).toBe('card.stale')
  })

  it('refills before it is empty, and deals nobody who was chosen about', async () => {
    deck.open()
    await deal(many)
    deck.choose('pass')
    expect(deals).toHaveLength(1)
    deck.choose('pass')
    expect(deals).toHaveLength(2)
    await deal([...many, 'h'])
    expect(ids()).toEqual(['c', 'd', 'e', 'f', 'g', 'h'])
  })

  it('asks a thin market again only at its end', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('pass')
    expect(deals).toHaveLength(1)
    deck.choose('pass')
    expect(deals).toHaveLength(2)
  })

  it('keeps who is on top while addresses are renewed', async () => {
    deck.open()
    await deal(['a', 'b', 'c'], { thin })
    const url = deck.renew('b', 0)
    deals.at(-1)?.answer({
      ...dealt([]),
      cards: [card('c'), card('b', '/api/clips/b?ticket=2'), card('n')],
    })
    expect(await url).toBe('/api/clips/b?ticket=2')
    expect(ids()).toEqual(['a', 'b', 'c', 'n'])
  })

  it('gives the last card back', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('like')
    await tick()
    told[0]?.answer({ likes_left: 29 })
    await tick()
    const back = deck.undo()
    await tick()
    undone[0]?.answer('a')
    await back
    expect(ids()).toEqual(['a', 'b'])
    // The like stays spent.
    expect(deck.get().likesLeft).toBe(29)
    expect(deck.canUndo()).toBe(false)
  })

  it('takes nothing back after ten minutes', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('pass')
    expect(deck.canUndo()).toBe(true)
    clock += 10 * 60_000
    expect(deck.canUndo()).toBe(false)
  })

  it('tells of a match, which cannot be taken back', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('like')
    await tick()
    const match: Match = {
      at: 1,
      age: 30,
      intents: [],
      person: card('a').person,
      reveal: { mine: false, theirs: false, photos: [] },
    }
    told[0]?.answer({ likes_left: 29, match })
    await tick()
    expect(matched).toEqual([match])
    expect(deck.canUndo()).toBe(false)
  })

  it('puts a refused like back on top and says why', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('like')
    await tick()
    told[0]?.fail(problem(429, 'likes.spent'))
    await tick()
    expect(ids()).toEqual(['a', 'b'])
    expect(deck.get().problem?.code).toBe('likes.spent')
    expect(deck.get().likesLeft).toBe(0)
  })

  it('lets somebody go whom the server no longer knows', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    deck.choose('like')
    await tick()
    told[0]?.fail(problem(404, 'person.unknown'))
    await tick()
    expect(ids()).toEqual(['b'])
    expect(deck.get().problem).toBeUndefined()
  })

  it('brings a skipped card round again, and a blocked one never', async () => {
    deck.open()
    await deal(['a', 'b', 'c'], { thin })
    deck.turnTo('b')
    expect(ids()).toEqual(['b', 'c', 'a'])
    deck.drop('b')
    const dealing = deck.deal()
    deals.at(-1)?.answer(dealt(['a', 'b', 'c']))
    await dealing
    expect(ids()).toEqual(['c', 'a'])
  })

  it('says that it is closed while something is missing', async () => {
    deck.open()
    deals[0]?.fail(problem(409, 'discover.incomplete'))
    await tick()
    expect(deck.get().status).toBe('closed')
  })

  it('keeps its cards when a later deal fails', async () => {
    deck.open()
    await deal(['a', 'b'], { thin })
    const dealing = deck.deal()
    deals.at(-1)?.fail(Problem.offline())
    await dealing
    expect(deck.get().status).toBe('ready')
    expect(ids()).toEqual(['a', 'b'])
  })

  it('deals again only once what it has is old', async () => {
    deck.open()
    await deal(many)
    deck.open()
    expect(deals).toHaveLength(1)
    clock += 3 * 60_000
    deck.open()
    expect(deals).toHaveLength(2)
  })

  it('takes an alert back that did not reach the server', async () => {
    await deck.setAlert(true)
    expect(deck.get().alert).toBe(false)
    expect(deck.get().problem?.code).toBe('down')
  })
})
