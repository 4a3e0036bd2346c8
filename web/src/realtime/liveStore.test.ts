import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import type { Listener } from './connection'
import { type LiveDeps, LiveStore, type Reducer } from './liveStore'

/** A list of words, each of which has a number. */
interface Words {
  seq: number
  words: readonly string[]
}
type Said = { seq: number; word: string } | { type: 'changed' }

const reducer: Reducer<Words, Said, Words> = {
  initial: { seq: 0, words: [] },
  merge: (known, answer) => (answer.seq >= known.seq ? answer : known),
  apply(known, said) {
    if ('type' in said || said.seq <= known.seq) return known
    if (said.seq > known.seq + 1) return 'gap'
    return { seq: said.seq, words: [...known.words, said.word] }
  },
  isStale: (_, said) => 'type' in said,
  compare: (a, b) => ('seq' in a ? a.seq : 0) - ('seq' in b ? b.seq : 0),
}

const said = (seq: number): Said => ({ seq, word: `${seq}` })
const upTo = (seq: number): Words => ({
  seq,
  words: Array.from({ length: seq }, (_, i) => `${i + 1}`),
})
const refusal = new Problem({ code: 'gone', status: 404, detail: 'gone' })
const broken = new Problem({ code: 'internal', status: 500, detail: 'broken' })

let reads: { known?: Words; answer(words: Words): void; fail(problem: Problem): void }[]
let listener: Listener<Said> | undefined
let network: ((there: boolean) => void) | undefined
let heard: Said[]
let store: LiveStore<Words, Said, Words>

function open(more: Partial<LiveDeps<Words, Said, Words>> = {}, by = reducer): void {
  store = new LiveStore(by, {
    read: (known) =>
      new Promise((answer, fail) => reads.push({ ...(known && { known }), answer, fail })),
    listen(l) {
      listener = l
      return () => {
        listener = undefined
      }
    },
    later(fn, ms) {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
    onNetwork(fn) {
      network = fn
      return () => {
        network = undefined
      }
    },
    onEvent: (event) => void heard.push(event),
    ...more,
  })
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const last = () => {
  const read = reads.at(-1)
  if (!read) throw new Error('nothing was asked')
  return read
}
const answered = async (seq: number) => {
  last().answer(upTo(seq))
  await pass(0)
}
const failed = async (problem: Problem) => {
  last().fail(problem)
  await pass(0)
}

beforeEach(() => {
  vi.useFakeTimers()
  reads = []
  heard = []
  open()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('reading', () => {
  it('begins with the first user, and shows what is answered', async () => {
    expect(reads).toHaveLength(0)
    store.start()
    expect(store.get()).toEqual({ status: 'loading', seq: 0, words: [] })
    await answered(2)
    expect(store.get()).toEqual({ status: 'ready', seq: 2, words: ['1', '2'] })
    expect(reads).toHaveLength(1)
  })

  it('does not begin where an answer was taken before', () => {
    store.take(upTo(3))
    store.start()
    expect(reads).toHaveLength(0)
    expect(store.get()).toMatchObject({ status: 'ready', seq: 3 })
  })

  it('happens once at a time, and once more if it was asked for meanwhile, however often', async () => {
    store.start()
    const done = vi.fn()
    void store.refresh().then(done)
    void store.refresh()
    listener?.missed()
    expect(reads).toHaveLength(1)
    await answered(1)
    expect(reads).toHaveLength(2)
    expect(done).not.toHaveBeenCalled()
    await answered(2)
    expect(reads).toHaveLength(2)
    expect(done).toHaveBeenCalledOnce()
    expect(store.get().seq).toBe(2)
  })

  it('happens again when events were missed, and when the channel is refused', async () => {
    store.start()
    await answered(1)
    listener?.missed()
    expect(reads).toHaveLength(2)
    await answered(1)
    listener?.refused?.()
    expect(reads).toHaveLength(3)
  })

  it('does not happen again by listening anew, and nothing under way is lost with it', async () => {
    store.start()
    const before = listener
    store.listen()
    expect(listener).not.toBe(before)
    await answered(1)
    listener?.event(said(2))
    expect(store.get().seq).toBe(2)
    expect(reads).toHaveLength(1)
  })

  it('happens again when an event only says that something has changed', async () => {
    store.start()
    await answered(1)
    listener?.event({ type: 'changed' })
    expect(reads).toHaveLength(2)
    listener?.event({ type: 'changed' })
    expect(reads).toHaveLength(2)
    await answered(2)
    expect(reads).toHaveLength(3)
    await answered(3)
    expect(reads).toHaveLength(3)
  })
})

describe('reading what was missed', () => {
  const asked = () => last().known?.seq ?? 'the whole'

  it('is for whoever knows the state: behind a gap, and when the connection was gone', async () => {
    store.start()
    expect(asked()).toBe('the whole')
    await answered(5)
    listener?.event(said(7))
    expect(asked()).toBe(5)
    await answered(6)
    expect(store.get().seq).toBe(7)
    listener?.missed()
    expect(asked()).toBe(7)
  })

  it('goes on from the newest that is known', async () => {
    store.start()
    await answered(5)
    listener?.event(said(9))
    await answered(7)
    expect(reads).toHaveLength(3)
    expect(asked()).toBe(7)
  })

  it('does not do where something may be otherwise of which no event tells', async () => {
    store.start()
    await answered(5)
    void store.refresh()
    expect(asked()).toBe('the whole')
    await answered(5)
    listener?.event({ type: 'changed' })
    expect(asked()).toBe('the whole')
    await answered(5)
    listener?.refused?.()
    expect(asked()).toBe('the whole')
  })

  it('does not stand for the whole that was asked for meanwhile', async () => {
    store.start()
    await answered(5)
    listener?.missed()
    void store.refresh()
    expect(asked()).toBe(5)
    await answered(5)
    expect(asked()).toBe('the whole')
    await answered(5)
    expect(reads).toHaveLength(3)
  })

  it('is tried again as it was asked for, also when the network is back', async () => {
    store.start()
    await answered(5)
    listener?.missed()
    await failed(broken)
    await pass(500)
    expect(asked()).toBe(5)
    await failed(broken)
    network?.(true)
    expect(asked()).toBe(5)
    void store.refresh()
    await failed(broken)
    await pass(500)
    expect(asked()).toBe('the whole')
  })

  it('is the whole while no answer stands', async () => {
    open({ tellsFailures: true })
    store.start()
    await failed(broken)
    await pass(500)
    expect(asked()).toBe('the whole')
    await answered(5)
    listener?.missed()
    await failed(broken)
    await pass(500)
    expect(asked()).toBe('the whole')
  })
})

describe('events', () => {
  beforeEach(async () => {
    store.start()
    await answered(5)
  })

  it('are applied in order, without asking', () => {
    listener?.event(said(6))
    listener?.event(said(7))
    expect(store.get()).toEqual({ status: 'ready', ...upTo(7) })
    expect(reads).toHaveLength(1)
  })

  it('are applied once, also when they come again', () => {
    const shown = vi.fn()
    store.subscribe(shown)
    listener?.event(said(6))
    listener?.event(said(6))
    listener?.event(said(4))
    expect(shown).toHaveBeenCalledOnce()
    expect(heard).toEqual([said(6)])
    expect(reads).toHaveLength(1)
  })

  it('out of order are put back into it by one read', async () => {
    listener?.event(said(8))
    listener?.event(said(6))
    listener?.event(said(7))
    expect(reads).toHaveLength(2)
    await answered(5)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(8) })
    expect(heard).toEqual([said(6), said(7), said(8)])
    expect(reads).toHaveLength(2)
  })

  it('behind a gap wait for the answer that fills it', async () => {
    listener?.event(said(8))
    expect(store.get().seq).toBe(5)
    await answered(7)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(8) })
    expect(reads).toHaveLength(2)
  })

  it('behind a gap that the answer does not fill are read for again', async () => {
    listener?.event(said(9))
    await answered(6)
    expect(reads).toHaveLength(3)
    await answered(9)
    expect(store.get().seq).toBe(9)
    expect(reads).toHaveLength(3)
  })

  it('during a read count, also if its answer is older or newer than they are', async () => {
    listener?.missed()
    listener?.event(said(6))
    expect(store.get().seq, 'at once').toBe(6)
    await answered(5)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(6) })
    listener?.missed()
    listener?.event(said(7))
    await answered(9)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(9) })
    expect(heard).toEqual([said(6), said(7)])
  })

  it('during a read are applied onto an answer that does not hold them', async () => {
    // An answer replaces what is known, as a list does that leaves out what it does not hold.
    open({}, { ...reducer, merge: (_, answer) => answer })
    store.start()
    await answered(5)
    listener?.missed()
    listener?.event(said(6))
    await answered(5)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(6) })
  })

  it('follow what a command has answered', () => {
    store.take(upTo(7))
    listener?.event(said(7))
    listener?.event(said(8))
    expect(store.get().seq).toBe(8)
    expect(reads).toHaveLength(1)
  })
})

describe('a read that fails', () => {
  it('says that there is no connection, and tries again with growing pauses', async () => {
    store.start()
    await failed(Problem.offline())
    expect(store.get().status).toBe('offline')
    await pass(500)
    expect(reads).toHaveLength(2)
    expect(store.get().status, 'nothing moves while it tries').toBe('offline')
    await failed(Problem.offline())
    await pass(999)
    expect(reads).toHaveLength(2)
    await pass(1)
    expect(reads).toHaveLength(3)
    await answered(1)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(1) })
    await pass(60_000)
    expect(reads).toHaveLength(3)
  })

  it('is tried again at once when the network is back, and then with short pauses', async () => {
    store.start()
    for (const pause of [500, 1000, 2000]) {
      await failed(Problem.offline())
      await pass(pause)
    }
    await failed(Problem.offline())
    network?.(false)
    expect(reads).toHaveLength(4)
    network?.(true)
    expect(reads).toHaveLength(5)
    await failed(Problem.offline())
    await pass(500)
    expect(reads).toHaveLength(6)
    await answered(1)
    network?.(true)
    expect(reads, 'the socket tells what was missed').toHaveLength(6)
  })

  it('tells what went wrong, and is not tried again when the server has refused', async () => {
    const onFailure = vi.fn()
    open({ onFailure })
    store.start()
    await failed(refusal)
    expect(store.get()).toEqual({ status: 'error', problem: refusal, seq: 0, words: [] })
    expect(onFailure).toHaveBeenCalledWith(refusal)
    await pass(60_000)
    expect(reads).toHaveLength(1)
    void store.retry()
    expect(store.get()).toEqual({ status: 'loading', seq: 0, words: [] })
    expect(reads).toHaveLength(2)
  })

  it('is made again though refused, when it was asked for meanwhile', async () => {
    store.start()
    listener?.missed()
    await failed(refusal)
    expect(reads).toHaveLength(2)
  })

  it('leaves what is there, and its status', async () => {
    store.start()
    await answered(3)
    listener?.missed()
    await failed(broken)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(3) })
    await pass(500)
    expect(reads).toHaveLength(3)
  })

  it('leaves what is there, and says so, where that is wanted', async () => {
    open({ tellsFailures: true })
    store.start()
    await answered(3)
    listener?.missed()
    await failed(broken)
    expect(store.get()).toEqual({ status: 'error', problem: broken, ...upTo(3) })
    listener?.event(said(4))
    expect(store.get()).toMatchObject({ status: 'error', seq: 4 })
  })

  it('loses no event that comes before the next try, and does not hurry it', async () => {
    store.start()
    await answered(5)
    listener?.event(said(7))
    await failed(broken)
    listener?.event(said(8))
    expect(reads).toHaveLength(2)
    await pass(500)
    await answered(6)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(8) })
  })
})

describe('a command', () => {
  it('hands its answer on', async () => {
    store.start()
    await answered(1)
    expect(await store.command(async () => upTo(3), store.take)).toBeUndefined()
    expect(store.get().seq).toBe(3)
    expect(reads).toHaveLength(1)
  })

  it('that fails tells why, and how it stands is read', async () => {
    store.start()
    await answered(1)
    const took = vi.fn()
    expect(await store.command(() => Promise.reject(refusal), took)).toBe(refusal)
    expect(took).not.toHaveBeenCalled()
    expect(reads).toHaveLength(2)
  })

  it('that was applied before has not failed', async () => {
    store.start()
    const applied = new Problem({ code: 'command.applied', status: 409, detail: '' })
    expect(await store.command(() => Promise.reject(applied), store.take)).toBeUndefined()
  })

  it('is not answered to whoever comes next', async () => {
    const stop = store.start()
    const took = vi.fn()
    let answer: (words: Words) => void = () => {}
    const done = store.command(() => new Promise<Words>((then) => (answer = then)), took)
    stop()
    store.start()
    answer(upTo(3))
    expect(await done).toBeUndefined()
    expect(took).not.toHaveBeenCalled()
  })
})

describe('users', () => {
  it('of which two are there keep it live until the second has gone', async () => {
    const first = store.start()
    const second = store.start()
    await answered(1)
    expect(reads).toHaveLength(1)
    first()
    first()
    listener?.event(said(2))
    expect(store.get().seq).toBe(2)
    second()
    expect(listener).toBeUndefined()
    expect(network).toBeUndefined()
    expect(store.get(), 'the next one may be somebody else').toEqual({
      status: 'loading',
      seq: 0,
      words: [],
    })
  })

  it('that have gone hear nothing of a read that was under way', async () => {
    const stop = store.start()
    stop()
    const shown = vi.fn()
    store.subscribe(shown)
    await answered(4)
    await store.refresh()
    expect(shown).not.toHaveBeenCalled()
    expect(reads).toHaveLength(1)
  })

  it('that come next do not get the answer to those before them', async () => {
    const stop = store.start()
    const [before] = reads
    stop()
    store.start()
    expect(reads).toHaveLength(2)
    await answered(1)
    before?.answer(upTo(9))
    await pass(0)
    expect(store.get().seq).toBe(1)
    before?.fail(broken)
    await pass(60_000)
    expect(reads).toHaveLength(2)
  })

  it('that have gone end the tries', async () => {
    const stop = store.start()
    await failed(Problem.offline())
    stop()
    await pass(60_000)
    expect(reads).toHaveLength(1)
  })

  it('that leave while an event is told see none of those behind it', async () => {
    let stop = () => {}
    open({ onEvent: () => stop(), keepsState: true })
    stop = store.start()
    await answered(5)
    listener?.event(said(7))
    listener?.event(said(8))
    await answered(6)
    expect(store.get()).toEqual({ status: 'loading', ...upTo(7) })
  })

  it('that come back find what was there, where that is wanted, and it is read again', async () => {
    open({ keepsState: true })
    const stop = store.start()
    await answered(2)
    stop()
    expect(store.get()).toEqual({ status: 'loading', ...upTo(2) })
    store.start()
    expect(reads).toHaveLength(2)
    await answered(3)
    expect(store.get()).toEqual({ status: 'ready', ...upTo(3) })
  })
})
