import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem, type ReplayPart } from '../api'
import { Writable } from '../ui/store'
import { ReplayPlayer } from './replay'

const RATE = 1000

/** A recording that is loud in some of its milliseconds. */
function buffer(ms: number, loud: [number, number][]): AudioBuffer {
  const samples = Float32Array.from({ length: ms }, (_, i) =>
    loud.some(([from, to]) => i >= from && i < to) ? 0.5 : 0,
  )
  return {
    numberOfChannels: 1,
    sampleRate: RATE,
    length: ms,
    duration: ms / 1000,
    getChannelData: () => samples,
  } as unknown as AudioBuffer
}

/** What was begun: which recording, at which second of the clock, from which second of it. */
let begun: { length: number; at: number; from: number }[]
let clock: number
const context = {
  get currentTime() {
    return clock
  },
  destination: {},
  resume: () => Promise.resolve(),
  createBuffer: (_: number, length: number) => buffer(length, []),
  decodeAudioData: (data: unknown) => Promise.resolve(data),
} as unknown as AudioContext

class Source {
  onended = null
  constructor(
    _: unknown,
    private readonly of: { buffer: AudioBuffer },
  ) {}
  connect() {}
  disconnect() {}
  stop() {}
  start(at: number, from = 0) {
    begun.push({ length: this.of.buffer.length, at, from })
  }
}

const parts: ReplayPart[] = [
  { id: 'a', person: 'ada', at: 5000, ms: 2000 },
  { id: 'b', person: 'ben', at: 6000, ms: 3000 },
  { id: 'c', person: 'ada', at: 20_000, ms: 1000 },
]
const sounds: Record<string, AudioBuffer> = {
  a: buffer(2000, [[0, 2000]]),
  b: buffer(3000, [[0, 3000]]),
  c: buffer(1000, [[0, 1000]]),
}

const busy = new Writable(false)
const refused = vi.fn()
const onGone = vi.fn()
/** Why a part that is not in sounds cannot be fetched. */
let trouble: Error
function made(of = parts, at = 0) {
  return new ReplayPlayer(
    of,
    {
      context: () => context,
      fetch: (id) => {
        const sound = sounds[id]
        if (sound) return Promise.resolve(sound as unknown as ArrayBuffer)
        refused()
        return Promise.reject(trouble)
      },
      onGone,
      busy,
    },
    at,
  )
}

async function pass(seconds: number) {
  for (let i = 0; i < seconds * 10; i++) {
    clock += 0.1
    await vi.advanceTimersByTimeAsync(100)
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('AudioBufferSourceNode', Source)
  begun = []
  clock = 100
  trouble = new Error('broken')
  busy.set(false)
  const before = made()
  before.setRate(1)
  before.setSkips(true)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a replay', () => {
  it('begins at the first word and puts all voices on one clock', async () => {
    const replay = made()
    expect(replay.at()).toBe(5000)
    replay.play()
    await pass(0.3)
    expect(replay.get().status).toBe('playing')
    expect(begun.map(({ length }) => length)).toEqual([2000, 3000])
    expect((begun[1]?.at ?? 0) - (begun[0]?.at ?? 0)).toBeCloseTo(1)
    await pass(1.3)
    expect(replay.get().speaking).toEqual(['ada', 'ben'])
    replay.close()
  })

  it('leaves silence out, unless it is not to', async () => {
    const replay = made()
    replay.play()
    await pass(6)
    expect(replay.get().status).toBe('paused')
    expect(begun).toHaveLength(3)
    begun = []
    replay.setSkips(false)
    replay.play()
    await pass(6)
    expect(replay.at()).toBeLessThan(12_000)
    replay.close()
  })

  it('hears silence within a recording, too', async () => {
    sounds.long = buffer(30_000, [
      [0, 1000],
      [25_000, 26_000],
    ])
    const replay = made([{ id: 'long', person: 'ada', at: 0, ms: 30_000 }])
    replay.play()
    await pass(2)
    expect(replay.at()).toBeGreaterThan(24_500)
    await pass(3)
    expect(replay.get().status).toBe('paused')
  })

  it('goes to where somebody else begins to speak', () => {
    const replay = made(parts, 5500)
    expect(replay.next()).toBe(6000)
    replay.seek(6500)
    expect(replay.next()).toBeUndefined()
    replay.seek(8000)
    expect(replay.next()).toBe(20_000)
  })

  it('goes on from the middle of a part, faster', async () => {
    const replay = made(parts, 6500)
    replay.setRate(2)
    replay.play()
    await pass(0.5)
    expect(begun.map(({ length }) => length)).toEqual([1000, 1500])
    // 1.5 s of the first part have passed: 0.75 s at twice the speed.
    expect(begun[0]?.from).toBeGreaterThan(0.6)
    expect(begun[1]?.from).toBeLessThan(0.4)
    replay.close()
  })

  it('plays the next one as fast, and with as much silence, also after a reload', async () => {
    const replay = made()
    replay.setRate(1.5)
    replay.setSkips(false)
    expect(made().get()).toMatchObject({ rate: 1.5, skips: false })
    vi.resetModules()
    const again = new (await import('./replay')).ReplayPlayer(parts, {
      context: () => context,
      fetch: () => Promise.reject(trouble),
      onGone,
      busy,
    })
    expect(again.get()).toMatchObject({ rate: 1.5, skips: false })
  })

  it('gives way to a room and to a call', async () => {
    const replay = made()
    replay.play()
    await pass(1)
    busy.set(true)
    expect(replay.get().status).toBe('paused')
    const at = replay.at()
    replay.play()
    expect(replay.get().status).toBe('paused')
    busy.set(false)
    replay.play()
    await pass(0.2)
    expect(replay.get().status).toBe('playing')
    expect(replay.at()).toBeGreaterThanOrEqual(at - 1)
    replay.close()
  })

  it('says so when a part cannot be fetched, and stops', async () => {
    const replay = made([{ id: 'none', person: 'ada', at: 0, ms: 1000 }])
    replay.play()
    await pass(0.3)
    expect(refused).toHaveBeenCalled()
    expect(replay.get()).toMatchObject({ status: 'paused' })
    expect(replay.get().problem).toBeDefined()
  })

  it('plays on without a voice that is withdrawn meanwhile, and says that it is gone', async () => {
    trouble = new Problem({ code: 'replay.not_found', status: 404, detail: '' })
    const replay = made([...parts.slice(0, 2), { id: 'none', person: 'eve', at: 5500, ms: 9000 }])
    replay.play()
    await pass(0.5)
    expect(onGone).toHaveBeenCalledOnce()
    expect(replay.get()).toMatchObject({ status: 'playing', problem: undefined })
    expect(begun.map(({ length }) => length)).toEqual([2000, 3000])
    // The page reads what there is: Ada is gone, too, in the midst of a word.
    const stop = vi.spyOn(Source.prototype, 'stop')
    replay.setParts(parts.slice(1, 2))
    expect(stop).toHaveBeenCalledOnce()
    await pass(0.5)
    expect(replay.get().speaking).not.toContain('ada')
    replay.close()
  })

  it('waits for a network that is gone, and plays on by itself', async () => {
    trouble = Problem.offline()
    const late = [{ id: 'late', person: 'ada', at: 0, ms: 1000 }]
    const replay = made(late)
    refused.mockClear()
    replay.play()
    await pass(5)
    expect(replay.get()).toMatchObject({ status: 'loading', problem: { code: 'offline' } })
    expect(refused.mock.calls.length).toBeLessThanOrEqual(4)
    sounds.late = buffer(1000, [[0, 1000]])
    await pass(2.5)
    delete sounds.late
    expect(begun.map(({ length }) => length)).toEqual([1000])
    expect(replay.get().problem).toBeUndefined()
    replay.close()
  })
})
