import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Member, Problem, type Room } from '../api'
import type { Listener } from '../realtime/connection'
import { Writable } from '../ui/store'
import type { Captured } from './capture'
import type { Edge } from './edge'
import type { Line, LineEvent } from './line'
import type { RoomState } from './state'
import { Stay } from './stay'

const member = (id: string, more: Partial<Member> = {}): Member => ({
  person: { id, name: id, resident: false, verified: false },
  role: 'listener',
  muted: true,
  may_sit: true,
  here: true,
  ...more,
})
const seated = (more: Partial<Member> = {}) => member('me', { role: 'speaker', seat: 2, ...more })
const roomWith = (seq: number, you?: Member, more: Partial<Room> = {}): Room => ({
  id: 'r',
  title: 'Night owls',
  category: 'talk',
  language: 'en',
  seq,
  created_at: 1,
  host: member('host').person,
  seats: 10,
  listeners: 1,
  members: you ? [you] : [],
  ...(you ? { you } : {}),
  ...more,
})
const refusal = (code: string, status = 409) => new Problem({ code, status, detail: code })

class FakeTrack extends EventTarget {
  enabled = true
  readyState = 'live'
  onended: (() => void) | null = null
  stop = vi.fn(() => {
    this.readyState = 'ended'
  })
}

/** A world in which nothing happens by itself. */
class World {
  lines: { on(event: LineEvent): void; calls: string[]; publishing?: { muted: boolean } }[] = []
  tracks: FakeTrack[] = []
  listener: Listener | undefined
  network: (there: boolean) => void = () => {}
  shown: RoomState[] = []
  heard = new Map<string, unknown>()
  earcons: string[] = []
  joins = vi.fn(async () => ({ room: roomWith(1, member('me')), media: { url: '/', token: 't' } }))
  read = vi.fn(async () => roomWith(1, member('me')))
  told: boolean[] = []
  microphone = vi.fn(async (_: string, muted: boolean) => {
    this.told.push(muted)
    return roomWith(this.told.length + 10, seated({ muted }))
  })
  captured = async (): Promise<Captured> => {
    const track = new FakeTrack()
    this.tracks.push(track)
    // A stand-in with all the members the engine touches.
    return { track: track as unknown as MediaStreamTrack }
  }
  open = vi.fn(async (_url: string, _token: string, on: (e: LineEvent) => void): Promise<Line> => {
    const line: World['lines'][number] = { on, calls: [] }
    this.lines.push(line)
    return {
      publish: async (_, muted) => {
        line.publishing = { muted }
      },
      setMuted: (muted) => void line.calls.push(muted ? 'mute' : 'unmute'),
      unpublish: () => void line.calls.push('unpublish'),
      close: () => void line.calls.push('close'),
    }
  })
  edge: Edge = {
    server: {
      join: () => this.joins(),
      leave: async () => {},
      read: () => this.read(),
      microphone: (room, muted) => this.microphone(room, muted),
      sit: async () => roomWith(2, seated()),
      stand: async () => roomWith(3, member('me')),
    },
    self: () => 'me',
    listen: (_, listener) => {
      this.listener = listener
      return () => {
        this.listener = undefined
      }
    },
    media: async () => this.open,
    capture: () => this.captured(),
    playback: {
      state: new Writable<'ok' | 'blocked'>('ok'),
      add: (id, track) => void this.heard.set(id, track),
      remove: (id) => void this.heard.delete(id),
      clear: () => this.heard.clear(),
      resume: () => {},
    },
    setVoice: () => {},
    earcon: (name) => void this.earcons.push(name),
    later: (fn, ms) => {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
    onNetwork: (fn) => {
      this.network = fn
      return () => {}
    },
  }
  stay = new Stay('r', this.edge, (state) => this.shown.push(state))

  get state(): RoomState {
    const last = this.shown.at(-1)
    if (!last) throw new Error('nothing shown')
    return last
  }
  get line() {
    const last = this.lines.at(-1)
    if (!last) throw new Error('no line')
    return last
  }
  get track() {
    const last = this.tracks.at(-1)
    if (!last) throw new Error('no microphone')
    return last
  }
  said(seq: number, cause: string, m: Member) {
    this.listener?.event({ type: 'member', seq, at: seq, cause, member: m })
  }
}

let world: World
const settle = () => vi.advanceTimersByTimeAsync(0)
/** In, on a seat, with an open microphone. */
async function speaking() {
  await world.stay.enter()
  world.stay.answered(roomWith(2, seated()))
  await settle()
  await world.stay.microphone.setMuted(false)
  await settle()
}

beforeEach(() => {
  vi.useFakeTimers()
  world = new World()
})
afterEach(() => {
  world.stay.close()
  vi.useRealTimers()
})

describe('coming in', () => {
  it('shows joining, then the room while the line opens, then connected', async () => {
    await world.stay.enter()
    expect(world.shown.map((s) => (s.status === 'live' ? s.connection : s.status))).toEqual([
      'joining',
      'connecting',
      'connected',
    ])
    expect(world.state).toMatchObject({ mic: 'off', you: { muted: true } })
    expect(world.tracks).toHaveLength(0)
  })

  it('fails with the server’s words', async () => {
    world.joins.mockRejectedValueOnce(refusal('room.removed', 403))
    await world.stay.enter()
    expect(world.state).toMatchObject({ status: 'failed', problem: { code: 'room.removed' } })
  })

  it('asks anew when the line does not open', async () => {
    world.open.mockRejectedValueOnce(new Error('no route'))
    await world.stay.enter()
    expect(world.state).toMatchObject({ status: 'live', connection: 'reconnecting' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.joins).toHaveBeenCalledTimes(2)
    expect(world.state).toMatchObject({ connection: 'connected' })
  })

  it('closes a line that opens after the person has left', async () => {
    let opened: (line: Line) => void = () => {}
    const close = vi.fn()
    world.open.mockImplementationOnce(() => new Promise((done) => (opened = done)))
    const entering = world.stay.enter()
    await settle()
    world.stay.close()
    opened({ publish: async () => {}, setMuted() {}, unpublish() {}, close })
    await entering
    expect(close).toHaveBeenCalled()
  })
})

describe('the microphone', () => {
  it('opens with a seat, muted, and unmutes at once', async () => {
    await world.stay.enter()
    world.said(2, 'sat', seated())
    await settle()
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.line.publishing).toEqual({ muted: true })
    expect(world.track.enabled).toBe(false)

    const telling = world.stay.microphone.setMuted(false)
    expect(world.track.enabled).toBe(true)
    expect(world.state).toMatchObject({ mic: 'open' })
    expect(world.line.calls).toEqual(['unmute'])
    await telling
    expect(world.told).toEqual([false])
  })

  it('is muted again, and says why, when the server does not want it open', async () => {
    await world.stay.enter()
    world.stay.answered(roomWith(2, seated()))
    await settle()
    world.microphone.mockRejectedValueOnce(refusal('room.no_seat'))
    const problem = await world.stay.microphone.setMuted(false)
    expect(problem).toMatchObject({ code: 'room.no_seat' })
    expect(world.track.enabled).toBe(false)
    expect(world.state).toMatchObject({ mic: 'muted' })
  })

  it('stays muted when the server cannot be told, and tells it when it can', async () => {
    await speaking()
    world.microphone.mockRejectedValueOnce(Problem.offline())
    expect(await world.stay.microphone.setMuted(true)).toMatchObject({ code: 'offline' })
    expect(world.track.enabled).toBe(false)
    expect(world.state).toMatchObject({ mic: 'muted' })
    world.network(true)
    await settle()
    expect(world.told.at(-1)).toBe(true)
  })

  it('tells the server the last wish of a quick hand, not every one', async () => {
    await world.stay.enter()
    world.stay.answered(roomWith(2, seated()))
    await settle()
    void world.stay.microphone.setMuted(false)
    void world.stay.microphone.setMuted(true)
    void world.stay.microphone.setMuted(false)
    await settle()
    expect(world.told).toEqual([false])
    expect(world.state).toMatchObject({ mic: 'open' })
  })

  it('is let go with the seat', async () => {
    await speaking()
    const { track, line } = world
    world.said(12, 'moved_back', member('me', { may_sit: false }))
    expect(track.stop).toHaveBeenCalled()
    expect(line.calls).toContain('unpublish')
    expect(world.state).toMatchObject({ mic: 'off', you: { may_sit: false } })
    expect(world.earcons).toEqual(['moved-back'])
  })

  it('is let go when the media server silences us before the room says so', async () => {
    await speaking()
    world.read.mockResolvedValueOnce(roomWith(12, member('me', { may_sit: false })))
    world.line.on({ type: 'silenced' })
    expect(world.track.stop).toHaveBeenCalled()
    await settle()
    expect(world.state).toMatchObject({ mic: 'off', you: { may_sit: false } })
  })

  it('says that it is denied, and works after the browser changed its mind', async () => {
    const ask = world.captured
    world.captured = async () => ({ refused: 'denied' })
    await world.stay.enter()
    world.said(2, 'sat', seated())
    await settle()
    expect(world.state).toMatchObject({ mic: 'denied' })
    world.captured = ask
    await world.stay.microphone.retry()
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.line.publishing).toEqual({ muted: true })
  })

  it('is not used when it is allowed only after standing up', async () => {
    let allow: (got: Captured) => void = () => {}
    world.captured = () => new Promise((done) => (allow = done))
    await world.stay.enter()
    world.said(2, 'sat', seated())
    world.said(3, 'stood', member('me'))
    const late = new FakeTrack()
    allow({ track: late as unknown as MediaStreamTrack })
    await settle()
    expect(late.stop).toHaveBeenCalled()
    expect(world.state).toMatchObject({ mic: 'off' })
  })

  it('is asked for again when it is unplugged, muted', async () => {
    await speaking()
    world.track.onended?.()
    await settle()
    expect(world.tracks).toHaveLength(2)
    expect(world.state).toMatchObject({ mic: 'muted' })
    expect(world.told.at(-1)).toBe(true)
  })
})

describe('a lost line', () => {
  it('shows while the library resumes', async () => {
    await speaking()
    world.line.on({ type: 'connection', state: 'reconnecting' })
    expect(world.state).toMatchObject({ connection: 'reconnecting', mic: 'open' })
    world.line.on({ type: 'connection', state: 'connected' })
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('shows at once when the browser says the network has gone', async () => {
    await speaking()
    world.network(false)
    expect(world.state).toMatchObject({ connection: 'reconnecting', mic: 'open' })
    world.network(true)
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'open' })
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it('is joined anew, and an open microphone is open again', async () => {
    await speaking()
    world.joins.mockResolvedValueOnce({
      room: roomWith(20, seated({ muted: true })),
      media: { url: '/', token: 't2' },
    })
    world.line.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.lines).toHaveLength(2)
    expect(world.line.publishing).toEqual({ muted: false })
    expect(world.tracks).toHaveLength(1)
    expect(world.told.at(-1)).toBe(false)
    expect(world.state).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('keeps a muted microphone muted', async () => {
    await speaking()
    await world.stay.microphone.setMuted(true)
    world.joins.mockResolvedValueOnce({
      room: roomWith(20, seated({ muted: true })),
      media: { url: '/', token: 't2' },
    })
    const told = world.told.length
    world.line.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.line.publishing).toEqual({ muted: true })
    expect(world.told).toHaveLength(told)
  })

  it('is tried with growing pauses, says lost after a while, and at once when the network is back', async () => {
    await world.stay.enter()
    world.joins.mockRejectedValue(Problem.offline())
    world.line.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(30_000)
    expect(world.state).toMatchObject({ status: 'live', connection: 'lost' })
    const tries = world.joins.mock.calls.length
    expect(tries).toBeLessThan(13)
    world.joins.mockResolvedValue({
      room: roomWith(20, member('me')),
      media: { url: '/', token: 't' },
    })
    world.network(true)
    await settle()
    expect(world.joins).toHaveBeenCalledTimes(tries + 1)
    expect(world.state).toMatchObject({ connection: 'connected' })
  })

  it('comes back when the server had already counted us out', async () => {
    await world.stay.enter()
    world.line.on({ type: 'connection', state: 'reconnecting' })
    world.joins.mockResolvedValueOnce({
      room: roomWith(3, member('me')),
      media: { url: '/', token: 't2' },
    })
    world.said(2, 'left', member('me', { here: false }))
    await vi.advanceTimersByTimeAsync(10)
    expect(world.lines).toHaveLength(2)
    expect(world.state).toMatchObject({ status: 'live', connection: 'connected' })
  })

  it('does not listen to an older line', async () => {
    await world.stay.enter()
    const older = world.line
    older.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    older.on({ type: 'closed', why: 'duplicate' })
    expect(world.state).toMatchObject({ status: 'live', connection: 'connected' })
  })
})

describe('the end', () => {
  it('comes with the host’s word, and everything is let go', async () => {
    await speaking()
    const { track, line } = world
    world.listener?.event({ type: 'ended', seq: 12, at: 5, why: 'host' })
    expect(world.state).toMatchObject({ status: 'ended', why: 'host' })
    expect(track.stop).toHaveBeenCalled()
    expect(line.calls).toContain('close')
    expect(world.listener).toBeUndefined()
  })

  it('comes with being removed, by the event', async () => {
    await world.stay.enter()
    world.said(2, 'removed', member('me', { here: false }))
    expect(world.state).toMatchObject({ status: 'ended', why: 'removed' })
  })

  it('comes with being removed, when only the media server has said so', async () => {
    await speaking()
    world.read.mockResolvedValueOnce(roomWith(12))
    world.line.on({ type: 'closed', why: 'ended' })
    expect(world.track.stop).toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    expect(world.state).toMatchObject({ status: 'ended', why: 'removed' })
  })

  it('comes with the room, when only the media server has said so', async () => {
    await world.stay.enter()
    world.read.mockResolvedValueOnce(roomWith(2, undefined, { ended_at: 9, ended_why: 'empty' }))
    world.line.on({ type: 'closed', why: 'ended' })
    await vi.advanceTimersByTimeAsync(1000)
    expect(world.state).toMatchObject({ status: 'ended', why: 'empty' })
  })

  it('comes with opening the room elsewhere', async () => {
    await world.stay.enter()
    world.line.on({ type: 'closed', why: 'duplicate' })
    expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(world.joins).toHaveBeenCalledTimes(1)
  })

  it.each(['refused', 'ended'] as const)(
    'does not take the room back from another device that has the newer admission (%s)',
    async (why) => {
      await world.stay.enter()
      world.line.on({ type: 'closed', why })
      await vi.advanceTimersByTimeAsync(10_000)
      expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
      expect(world.joins).toHaveBeenCalledTimes(1)
    },
  )

  it('comes with going to another room on another device, whichever word arrives first', async () => {
    await world.stay.enter()
    world.line.on({ type: 'closed', why: 'ended' })
    world.said(2, 'left', member('me', { here: false }))
    expect(world.state).toMatchObject({ status: 'ended', why: 'elsewhere' })
  })

  it('is found when coming back to a room that ended meanwhile', async () => {
    await world.stay.enter()
    world.joins.mockRejectedValue(refusal('room.ended', 410))
    world.read.mockResolvedValueOnce(roomWith(9, undefined, { ended_at: 9, ended_why: 'host' }))
    world.line.on({ type: 'closed', why: 'lost' })
    await vi.advanceTimersByTimeAsync(10)
    expect(world.state).toMatchObject({ status: 'ended', why: 'host' })
  })

  it('plays what others say, until then', async () => {
    await world.stay.enter()
    const track = new FakeTrack() as unknown as MediaStreamTrack
    world.line.on({ type: 'voice', personId: 'ada', track })
    expect([...world.heard.keys()]).toEqual(['ada'])
    world.stay.close()
    expect(world.heard.size).toBe(0)
  })
})
