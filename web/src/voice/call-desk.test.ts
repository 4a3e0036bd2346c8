import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Call, type Lounge, Problem } from '../api'
import type { OwnListener } from '../realtime/connection'
import { Writable } from '../ui/store'
import { Calls } from './call-desk'
import type { CallEdge } from './call-edge'
import type { Captured } from './capture'
import type { Line, LineEvent } from './line'

const refusal = (code: string, status = 409) => new Problem({ code, status, detail: code })

class FakeTrack extends EventTarget {
  enabled = true
  muted = false
  onended: (() => void) | null = null
  onmute: (() => void) | null = null
  onunmute: (() => void) | null = null
  stop = vi.fn()
}

interface FakeLine {
  on(event: LineEvent): void
  said: string[]
}

/** The server of a world in which nothing happens by itself, and a window on it. */
class World {
  /** The server's clock when the window began. */
  readonly epoch = 1_700_000_000_000
  lounge: Lounge = {
    waiting: false,
    looking: 0,
    reach: 'everyone',
    bell: false,
    missed: [],
    hours: [],
    now: this.epoch,
  }
  asked: string[] = []
  refuses: Record<string, Problem> = {}
  lines: FakeLine[] = []
  tracks: FakeTrack[] = []
  earcons: string[] = []
  own: OwnListener | undefined
  network: (there: boolean) => void = () => {}
  back: () => void = () => {}
  seen = true
  kept: {
    call?: string
    tonight?: { tonight: { intents: string[]; languages: string[] }; at: number }
  } = {}
  left = 0
  packets = 0
  began = performance.now()
  mayPublish = true

  get now(): number {
    return this.epoch + performance.now() - this.began
  }
  get call(): Call {
    if (!this.lounge.call) throw new Error('no call')
    return this.lounge.call
  }
  get line(): FakeLine {
    const line = this.lines.at(-1)
    if (!line) throw new Error('no line')
    return line
  }
  get track(): FakeTrack {
    const track = this.tracks.at(-1)
    if (!track) throw new Error('no microphone')
    return track
  }

  /** Something becomes of the call; the window is told by event. */
  becomes(more: Partial<Call>, tell = true): void {
    const seq = (this.lounge.call?.seq ?? 0) + 1
    this.lounge = { ...this.lounge, call: { ...callOf(this), ...this.lounge.call, ...more, seq } }
    if (tell) this.own?.event({ type: 'call', call_id: this.call.id, seq })
  }
  /** As server.becomes, as the answer of a command. */
  #answer(name: string, more: Partial<Call>): Call {
    this.#ask(name)
    this.becomes(more, false)
    return { ...this.call, now: this.now }
  }
  #ask(name: string): void {
    this.asked.push(name)
    const refused = this.refuses[name]
    if (refused) throw refused
  }
  #lounging(name: string, more: Partial<Lounge> = {}): Lounge {
    this.#ask(name)
    this.lounge = { ...this.lounge, ...more }
    return {
      ...this.lounge,
      ...(this.lounge.call && { call: { ...this.call, now: this.now } }),
      now: this.now,
    }
  }

  edge: CallEdge = {
    server: {
      lounge: async () => this.#lounging('lounge'),
      enter: async () => this.#lounging('enter', { waiting: true, since: this.now, looking: 1 }),
      stay: async () => this.#lounging('stay'),
      cancel: async () => this.#lounging('cancel', { waiting: false }),
      reach: async (reach) => this.#lounging('reach', { reach }),
      bell: async (bell) => this.#lounging('bell', { bell }),
      hour: async () => this.#lounging('hour'),
      ring: async () => {
        this.#ask('ring')
        this.becomes(
          { kind: 'direct', mine: true, accepted: true, deadline_at: this.now + 30_000 },
          false,
        )
        return { call: { ...this.call, now: this.now }, media: { url: '/', token: 't' } }
      },
      join: async () => {
        this.#ask('join')
        return { call: { ...this.call, now: this.now }, media: { url: '/', token: 't' } }
      },
      accept: async () => this.#answer('accept', { accepted: true }),
      decline: async () => this.#answer('decline', { state: 'ended', ended_why: 'nothing' }),
      hears: async () => this.#answer('hears', {}),
      more: async () => this.#answer('more', { more_mine: true }),
      leave: async () => this.#answer('leave', { state: 'ended', ended_why: 'left' }),
      microphone: async (_, muted) => this.#answer('microphone', { muted }),
      choose: async (_, choice) => this.#answer('choose', { choice }),
    },
    self: () => 'me',
    listen: (owner) => {
      this.own = owner
      return () => {
        this.own = undefined
      }
    },
    media: async () => async (_url, _token, on) => {
      const line: FakeLine = { on, said: [] }
      this.lines.push(line)
      const made: Line = {
        publish: async (_, muted) => {
          if (!this.mayPublish) throw new Error('not yet')
          line.said.push(muted ? 'publish muted' : 'publish')
        },
        setMuted: (muted) => void line.said.push(muted ? 'mute' : 'unmute'),
        unpublish: () => void line.said.push('unpublish'),
        close: () => void line.said.push('close'),
      }
      return made
    },
    capture: async (): Promise<Captured> => {
      const track = new FakeTrack()
      this.tracks.push(track)
      // A stand-in with all the members a call touches.
      return { track: track as unknown as MediaStreamTrack }
    },
    playback: {
      state: new Writable<'ok' | 'blocked'>('ok'),
      add: () => {},
      remove: () => {},
      clear: () => {},
      resume: () => {},
    },
    setVoice: () => {},
    earcon: (name) => void this.earcons.push(name),
    leaveRoom: () => {
      this.left++
    },
    own: () => performance.now(),
    later: (fn, ms) => {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
    onNetwork: (fn) => {
      this.network = fn
      return () => {}
    },
    visible: () => this.seen,
    onVisible: (fn) => {
      this.back = fn
      return () => {}
    },
    kept: {
      call: () => this.kept.call,
      keepCall: (id) => {
        this.kept.call = id
      },
      tonight: () => this.kept.tonight,
      keepTonight: (wish) => {
        this.kept.tonight = wish
      },
    },
  }
}

const callOf = (world: World): Call => ({
  id: 'c1',
  kind: 'match',
  state: 'proposed',
  seq: 0,
  person: {
    id: 'mei',
    name: 'Mei',
    resident: false,
    verified: false,
    pronouns: '',
    language: 'en',
    languages: ['en'],
    interests: [],
    clips: [],
    badges: [],
  },
  age_from: 30,
  age_to: 34,
  shared: ['jazz'],
  mine: false,
  accepted: false,
  deadline_at: world.now + 15_000,
  muted: false,
  they_muted: false,
  more_mine: false,
  more_theirs: false,
  more: 0,
  cards: [],
  matched: false,
  now: world.now,
})

const MINUTE = 60_000
const anything = { intents: [], languages: [] }
let world: World
let calls: Calls
let stop: () => void

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const settle = () => pass(0)
const opened = async () => {
  calls = new Calls(world.edge)
  stop = calls.start()
  await settle()
}
const count = (name: string) => world.asked.filter((a) => a === name).length

beforeEach(() => {
  vi.useFakeTimers()
  world = new World()
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

async function proposed() {
  await opened()
  await calls.enter(anything)
  world.lounge = { ...world.lounge, waiting: false }
  world.becomes({ deadline_at: world.now + 15_000 })
  await settle()
}
async function talking() {
  await proposed()
  await calls.accept()
  world.becomes({ state: 'connecting', deadline_at: world.now + 20_000 })
  await settle()
  world.packets = 5
  world.line.on({
    type: 'voice',
    personId: 'mei',
    track: {} as MediaStreamTrack,
    packets: async () => world.packets,
  })
  await pass(100)
  world.becomes({ state: 'live', live_at: world.now, deadline_at: world.now + 7 * MINUTE })
  await settle()
}

describe('waiting', () => {
  it('says every twenty seconds that it still waits', async () => {
    await opened()
    await calls.enter(anything)
    await pass(61_000)
    expect(count('stay')).toBe(3)
    await calls.cancel()
    await pass(60_000)
    expect(count('stay')).toBe(3)
    expect(world.kept.tonight).toBeUndefined()
  })

  it('goes on after the page was loaded anew', async () => {
    world.lounge = { ...world.lounge, waiting: true, looking: 2 }
    await opened()
    await pass(20_000)
    expect(count('stay')).toBe(1)
  })

  it('waits again, with the same wishes, when the server has given it up for silent', async () => {
    await opened()
    await calls.enter({ intents: ['friends'], languages: ['it'] })
    world.lounge = { ...world.lounge, waiting: false }
    world.refuses = { stay: refusal('queue.not_waiting', 404) }
    await pass(20_000)
    expect(count('enter')).toBe(2)
    expect(calls.get().lounge?.waiting).toBe(true)
    expect(world.kept.tonight?.tonight).toEqual({ intents: ['friends'], languages: ['it'] })
  })

  it('does not go on unasked when it slept for long: it says so', async () => {
    world.kept.tonight = { tonight: anything, at: world.epoch - 20 * MINUTE }
    await opened()
    expect(count('enter')).toBe(0)
    expect(calls.get().lapsed).toBe(true)
    calls.dismiss()
    expect(calls.get().lapsed).toBe(false)
  })

  it('says at once that it is here when somebody looks at the window again', async () => {
    await opened()
    await calls.enter(anything)
    world.back()
    await settle()
    expect(count('stay')).toBe(1)
  })

  it('tries again soon when the network was away', async () => {
    await opened()
    await calls.enter(anything)
    world.refuses = { stay: Problem.offline() }
    await pass(20_000)
    world.refuses = {}
    await pass(4000)
    expect(count('stay')).toBe(2)
    expect(calls.get().lounge?.waiting).toBe(true)
  })

  it('knows a server that has no Call yet', async () => {
    world.refuses = { lounge: refusal('server.not_ready', 503) }
    await opened()
    expect(calls.get().status).toBe('soon')
  })
})

describe('a proposal', () => {
  it('makes a sign, and opens line and microphone, sending nothing', async () => {
    await proposed()
    expect(calls.get().call?.state).toBe('proposed')
    expect(world.earcons).toEqual(['proposal'])
    expect(count('join')).toBe(1)
    expect(calls.get().audio).toMatchObject({ line: 'connected', mic: 'ready' })
    expect(world.line.said).toEqual([])
  })

  it('lets one be heard with the yes, as soon as the server allows it', async () => {
    await proposed()
    world.mayPublish = false
    await calls.accept()
    expect(world.left).toBe(1)
    expect(world.line.said).toEqual([])
    world.mayPublish = true
    await pass(400)
    expect(world.line.said).toEqual(['publish'])
    expect(count('join')).toBe(1)
  })

  it('that comes to nothing goes without a word, and waiting goes on', async () => {
    await proposed()
    await calls.accept()
    world.becomes({ state: 'ended', ended_why: 'nothing' }, false)
    world.lounge = { ...world.lounge, waiting: true, call: undefined }
    world.own?.event({ type: 'call', call_id: 'c1', seq: 9 })
    await settle()
    expect(calls.get().call).toBeUndefined()
    expect(calls.get().audio.line).toBe('none')
    expect(world.track.stop).toHaveBeenCalled()
    expect(world.earcons).toEqual(['proposal'])
    await pass(20_000)
    expect(count('stay')).toBe(1)
  })

  it('is asked about when its time is over and no word has come', async () => {
    await proposed()
    const before = count('lounge')
    world.lounge = { ...world.lounge, waiting: true, call: undefined }
    await pass(15_000)
    expect(calls.get().call).toBeDefined()
    await pass(2000)
    expect(count('lounge')).toBeGreaterThan(before)
    expect(calls.get().call).toBeUndefined()
  })

  it('is gone here at once after a no', async () => {
    await proposed()
    const done = calls.decline()
    expect(calls.get().call).toBeUndefined()
    expect(world.track.stop).toHaveBeenCalled()
    await done
    await settle()
    expect(calls.get().call).toBeUndefined()
  })

  it('waits with the line while nobody sees the window', async () => {
    world.seen = false
    await proposed()
    expect(count('join')).toBe(0)
    expect(calls.get().call?.state).toBe('proposed')
    world.seen = true
    world.back()
    await settle()
    expect(count('join')).toBe(1)
  })

  it('that another window has answered leaves this one alone', async () => {
    world.seen = false
    await proposed()
    world.becomes({ accepted: true })
    await settle()
    world.seen = true
    world.back()
    world.becomes({ state: 'connecting' })
    await settle()
    expect(count('join')).toBe(0)
    expect(calls.get().audio.line).toBe('away')
  })
})

describe('a call', () => {
  it('says that it hears when packets have come, not before, and once', async () => {
    await proposed()
    await calls.accept()
    world.becomes({ state: 'connecting', deadline_at: world.now + 20_000 })
    await settle()
    world.line.on({
      type: 'voice',
      personId: 'mei',
      track: {} as MediaStreamTrack,
      packets: async () => world.packets,
    })
    await pass(600)
    expect(count('hears')).toBe(0)
    world.packets = 1
    await pass(100)
    expect(count('hears')).toBe(1)
    expect(calls.get().audio.heard).toBe(true)
    await pass(2000)
    expect(count('hears')).toBe(1)
  })

  it('says it again when that was lost', async () => {
    world.refuses = { hears: Problem.offline() }
    await talkingUpTo('connecting')
    expect(count('hears')).toBe(1)
    world.refuses = {}
    await pass(1200)
    expect(count('hears')).toBe(2)
  })

  it('hears who has muted themselves before the first word', async () => {
    await proposed()
    await calls.accept()
    world.becomes({ state: 'connecting', they_muted: true, deadline_at: world.now + 20_000 })
    await settle()
    world.line.on({ type: 'voice', personId: 'mei', track: {} as MediaStreamTrack })
    await pass(100)
    expect(count('hears')).toBe(1)
  })

  it('runs by the server’s clock, and chimes once when a minute is left', async () => {
    await talking()
    expect(calls.clock.now()).toBeCloseTo(world.now, 0)
    await pass(6 * MINUTE - 100)
    expect(world.earcons).not.toContain('minute')
    await pass(200)
    expect(world.earcons.filter((e) => e === 'minute')).toHaveLength(1)
    expect(calls.get().lastMinute).toBe(true)
  })

  it('gains three minutes when both have asked, and a minute is left again', async () => {
    await talking()
    await pass(6 * MINUTE + 10)
    await calls.more()
    expect(calls.get().call?.more_mine).toBe(true)
    await calls.more()
    expect(count('more')).toBe(1)
    world.becomes({
      more_mine: false,
      more: 1,
      deadline_at: (world.call.deadline_at ?? 0) + 3 * MINUTE,
    })
    await settle()
    expect(calls.get().lastMinute).toBe(false)
    await pass(3 * MINUTE)
    expect(world.earcons.filter((e) => e === 'minute')).toHaveLength(2)
  })

  it('knows that the other is gone for now, and back', async () => {
    await talking()
    world.becomes({ away_since: world.now })
    await settle()
    expect(calls.get().call?.away_since).toBeDefined()
    world.becomes({ away_since: undefined })
    await settle()
    expect(calls.get().call?.away_since).toBeUndefined()
  })

  it('finds back by itself when the line is lost, and speaks on', async () => {
    await talking()
    world.line.on({ type: 'closed', why: 'lost' })
    expect(calls.get().audio.line).toBe('reconnecting')
    await settle()
    expect(calls.get().audio.line).toBe('connected')
    expect(world.lines).toHaveLength(2)
    expect(world.line.said).toEqual(['publish'])
  })

  it('after a reload waits for one tap, and is back with it', async () => {
    await talking()
    stop()
    await opened()
    expect(calls.get().call?.state).toBe('live')
    expect(calls.get().audio.line).toBe('away')
    expect(count('join')).toBe(1)
    await calls.comeBack()
    await settle()
    expect(count('join')).toBe(2)
    expect(calls.get().audio).toMatchObject({ line: 'connected', mic: 'open' })
  })

  it('gives the audio to the newest window, says so, and takes it back when asked', async () => {
    await talking()
    world.line.on({ type: 'closed', why: 'duplicate' })
    await pass(5000)
    expect(calls.get().audio.line).toBe('elsewhere')
    expect(world.track.stop).toHaveBeenCalled()
    await calls.comeBack()
    await settle()
    expect(calls.get().audio).toMatchObject({ line: 'connected', mic: 'open' })
  })

  it('mutes here at once, whatever becomes of the word to the server', async () => {
    await talking()
    world.refuses = { microphone: Problem.offline() }
    const done = calls.setMuted(true)
    expect(world.track.enabled).toBe(false)
    expect(calls.get().audio.mic).toBe('muted')
    await done
    expect(calls.get().audio.mic).toBe('muted')
    expect(world.line.said).toEqual(['publish', 'mute'])
  })

  it('says when the phone takes the microphone, and when it gives it back', async () => {
    await talking()
    world.track.onmute?.()
    expect(calls.get().audio.mic).toBe('taken')
    world.track.onunmute?.()
    expect(calls.get().audio.mic).toBe('open')
  })

  it('takes another microphone when one is unplugged', async () => {
    await talking()
    world.track.onended?.()
    await settle()
    expect(world.tracks).toHaveLength(2)
    expect(world.line.said).toEqual(['publish', 'unpublish', 'publish'])
  })

  it('tells whose line is weak', async () => {
    await talking()
    world.line.on({ type: 'quality', personId: 'mei', weak: true })
    expect(calls.get().audio.weak).toBe('theirs')
    world.line.on({ type: 'quality', personId: 'me', weak: true })
    expect(calls.get().audio.weak).toBe('mine')
  })
})

describe('the end', () => {
  it('when I hang up is here at once, and can be answered', async () => {
    await talking()
    const done = calls.leave()
    expect(calls.get().call).toMatchObject({ state: 'ended', ended_why: 'left' })
    expect(world.track.stop).toHaveBeenCalled()
    await done
    await calls.choose('heart', { kind: true })
    expect(calls.get().call?.choice).toBe('heart')
    calls.dismiss()
    await calls.refresh()
    expect(calls.get().call).toBeUndefined()
  })

  it('when time is up keeps them on the screen', async () => {
    await talking()
    world.becomes({ state: 'ended', ended_why: 'time', deadline_at: undefined })
    await settle()
    expect(calls.get().call).toMatchObject({ state: 'ended', ended_why: 'time' })
    expect(calls.get().audio.line).toBe('none')
    expect(world.earcons.at(-1)).toBe('over')
  })

  it('is not undone by an answer that was asked for before', async () => {
    await talking()
    const before = { ...world.call }
    world.becomes({ state: 'ended', ended_why: 'time' })
    await settle()
    world.lounge = { ...world.lounge, call: before }
    await calls.refresh()
    expect(calls.get().call?.state).toBe('ended')
  })

  it('lets somebody who was blocked go at once', async () => {
    await talking()
    world.lounge = { ...world.lounge, call: undefined }
    calls.part('mei')
    await settle()
    expect(calls.get().call).toBeUndefined()
    expect(world.track.stop).toHaveBeenCalled()
  })
})

describe('a direct call', () => {
  it('rings, with the line ready, and connects with their yes', async () => {
    await opened()
    await calls.ring('mei')
    await settle()
    expect(calls.get().call).toMatchObject({ kind: 'direct', mine: true })
    expect(count('join')).toBe(0)
    expect(calls.get().audio.line).toBe('connected')
    world.becomes({ state: 'connecting' })
    await settle()
    expect(world.line.said).toEqual(['publish'])
  })

  it('nobody took is said, and not as their fault', async () => {
    await opened()
    await calls.ring('mei')
    world.lounge = { ...world.lounge, call: undefined }
    world.own?.event({ type: 'call', call_id: 'c1', seq: 9 })
    await settle()
    expect(calls.get().call).toMatchObject({ state: 'ended', ended_why: 'nothing' })
  })

  it('knocks until it is answered', async () => {
    await opened()
    world.becomes({ kind: 'direct', deadline_at: world.now + 30_000 })
    await settle()
    await pass(7000)
    expect(world.earcons).toEqual(['ring', 'ring', 'ring'])
    await calls.accept()
    await pass(7000)
    expect(world.earcons).toHaveLength(3)
  })
})

async function talkingUpTo(state: 'connecting') {
  await proposed()
  await calls.accept()
  world.becomes({ state, deadline_at: world.now + 20_000 })
  await settle()
  world.line.on({
    type: 'voice',
    personId: 'mei',
    track: {} as MediaStreamTrack,
    packets: async () => 3,
  })
  await pass(100)
}
