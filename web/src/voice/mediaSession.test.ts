import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { MediaFake, pass, refusal, settle, voiceTrack } from '../testing/mediaFake'
import { MediaSession, type Verdict } from './mediaSession'

let world: MediaFake
let session: MediaSession
let verdict: Verdict
let admit: ReturnType<typeof vi.fn<() => Promise<{ url: string; token: string }>>>
let objections: string[]
let reports: string[]

beforeEach(() => {
  vi.useFakeTimers()
  world = new MediaFake()
  verdict = 'rejoin'
  admit = vi.fn(async () => ({ url: '/', token: 't' }))
  objections = []
  reports = []
  session = new MediaSession(
    world.media,
    {
      admit,
      objected: async ({ type }) => {
        objections.push(type)
        return verdict
      },
      report: (event) => void reports.push(event),
      playedAs: (personId) => personId,
    },
    { muted: false, backMuted: false },
  )
})
afterEach(() => {
  session.close()
  vi.useRealTimers()
})

const connection = () => session.get().connection
async function speaking() {
  await session.open()
  session.mic.speak()
  await settle()
}

describe('connecting', () => {
  it('asks to be admitted, connects with the grant, and is connected once', async () => {
    const opening = session.open()
    expect(connection()).toBe('connecting')
    await opening
    expect(world.open).toHaveBeenCalledWith('/', 't', expect.any(Function))
    expect(connection()).toBe('connected')
    await session.open()
    expect(admit).toHaveBeenCalledTimes(1)
  })

  it('tells watchers of changes, and of nothing else', async () => {
    await session.open()
    const changed = vi.fn()
    session.subscribe(changed)
    world.mediaConnection.on({ type: 'connection', state: 'connected' })
    expect(changed).not.toHaveBeenCalled()
    world.mediaConnection.on({ type: 'connection', state: 'reconnecting' })
    expect(changed).toHaveBeenCalledTimes(1)
  })

  it('opens nothing once it was closed', async () => {
    const opening = session.open()
    session.close()
    await opening
    await settle()
    expect(world.mediaConnections).toHaveLength(0)
    expect(world.tracks).toHaveLength(0)
  })

  it('leaves it to its owner what a refused admission means', async () => {
    admit.mockRejectedValueOnce(refusal('room.removed', 403))
    verdict = 'wait'
    await session.open()
    await pass(10_000)
    expect(objections).toEqual(['rejected'])
    expect(admit).toHaveBeenCalledTimes(1)
  })
})

describe('a lost connection', () => {
  it('is made again at once, with the microphone as it was', async () => {
    await speaking()
    session.mic.setMuted(true)
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    expect(session.get()).toMatchObject({ connection: 'reconnecting', mic: 'muted' })
    await pass(10)
    expect(admit).toHaveBeenCalledTimes(2)
    expect(session.get()).toMatchObject({ connection: 'connected', mic: 'muted' })
    expect(world.tracks, 'the same microphone').toHaveLength(1)
    expect(world.mediaConnection.said).toEqual(['publish muted'])
  })

  it('is tried again with growing pauses, and called lost after a while', async () => {
    await session.open()
    admit.mockRejectedValue(Problem.offline())
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await pass(200)
    expect(admit).toHaveBeenCalledTimes(2)
    expect(connection()).toBe('reconnecting')
    await pass(10_000)
    expect(connection()).toBe('lost')
    const tries = admit.mock.calls.length
    expect(tries).toBeLessThan(9)
    admit.mockResolvedValue({ url: '/', token: 't' })
    await pass(4000)
    expect(connection()).toBe('connected')
  })

  it('is tried at once when the network is back', async () => {
    await session.open()
    admit.mockRejectedValue(Problem.offline())
    world.network(false)
    expect(connection(), 'before the library knows').toBe('reconnecting')
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await pass(9000)
    admit.mockResolvedValue({ url: '/', token: 't' })
    world.network(true)
    await settle()
    expect(connection()).toBe('connected')
  })

  it('plays nobody until their voice comes again', async () => {
    await session.open()
    world.mediaConnection.on({ type: 'voice', personId: 'ada', track: voiceTrack() })
    expect([...world.heard.keys()]).toEqual(['ada'])
    expect(reports).toEqual(['voice'])
    world.mediaConnection.on({ type: 'quality', personId: 'ada', mine: false, weak: true })
    expect(session.get().weak).toBe('theirs')
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    expect(world.heard.size).toBe(0)
    expect(session.voices).toHaveLength(0)
    expect(session.get().weak).toBeUndefined()
  })

  it('is not told by a connection that was given up', async () => {
    await session.open()
    const older = world.mediaConnection
    older.on({ type: 'closed', why: 'lost' })
    await pass(10)
    older.on({ type: 'closed', why: 'duplicate' })
    expect(connection()).toBe('connected')
  })
})

describe('a connection that the server ended', () => {
  it('waits for its owner, who may want it again, but not at once', async () => {
    await session.open()
    world.mediaConnection.on({ type: 'closed', why: 'refused' })
    await pass(100)
    expect(objections).toEqual(['refused'])
    expect(admit).toHaveBeenCalledTimes(1)
    await pass(300)
    expect(connection()).toBe('connected')
  })

  it('belongs to the newer window, and the microphone with it, until it is asked back', async () => {
    await speaking()
    world.mediaConnection.on({ type: 'closed', why: 'duplicate' })
    expect(session.get()).toMatchObject({ connection: 'elsewhere', mic: 'off' })
    expect(world.track.stop).toHaveBeenCalled()
    await pass(30_000)
    expect(admit).toHaveBeenCalledTimes(1)
    await speaking()
    expect(session.get()).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('belongs to another device when the account left while our connection stood', async () => {
    await session.open()
    session.absent()
    expect(connection()).toBe('elsewhere')
  })

  it('was given up by the server while the library resumed, and is asked for anew', async () => {
    await session.open()
    world.mediaConnection.on({ type: 'connection', state: 'reconnecting' })
    session.absent()
    await pass(10)
    expect(admit).toHaveBeenCalledTimes(2)
    expect(connection()).toBe('connected')
  })

  it('is not made again by a verdict that comes after the end', async () => {
    await session.open()
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    session.close()
    await pass(10_000)
    expect(admit).toHaveBeenCalledTimes(1)
  })
})

describe('the microphone', () => {
  it('shows what the system does to it, and never as open', async () => {
    await speaking()
    expect(session.get()).toMatchObject({ mic: 'open', device: 'Built-in' })
    world.track.taken(true)
    expect(session.get().mic).toBe('taken')
    world.track.taken(false)
    expect(session.get().mic).toBe('open')
    world.captured = async () => ({ refused: 'denied' })
    world.permission(false)
    await settle()
    expect(session.get().mic).toBe('denied')
  })

  it('goes out with the session', async () => {
    await speaking()
    session.close()
    expect(world.track.stop).toHaveBeenCalled()
    expect(world.mediaConnection.said).toEqual(['publish', 'close'])
  })

  it('reports that the server lets us send no more', async () => {
    await speaking()
    world.mediaConnection.on({ type: 'silenced' })
    expect(reports).toEqual(['silenced'])
  })
})
