import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { MediaFake, pass, refusal, settle, voiceTrack } from '../testing/mediaFake'
import type { Kind } from './mediaConnection'
import { type Grant, type MediaScope, MediaSession, type Verdict } from './mediaSession'

const talk: Grant = { kind: 'talk', url: '/', token: 't' }

let world: MediaFake
let session: MediaSession
let verdict: Verdict
let admit: ReturnType<typeof vi.fn<MediaScope['admit']>>
let objections: string[]
let reports: string[]

beforeEach(() => {
  vi.useFakeTimers()
  world = new MediaFake()
  verdict = 'rejoin'
  admit = vi.fn(async () => talk)
  objections = []
  reports = []
  session = new MediaSession(
    world.media,
    {
      wanted: () => 'talk',
      admit,
      objected: async ({ type }) => {
        objections.push(type)
        return verdict
      },
      report: (event) => void reports.push(event),
      playedAs: (voice) => voice,
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
    admit.mockResolvedValue(talk)
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
    admit.mockResolvedValue(talk)
    world.network(true)
    await settle()
    expect(connection()).toBe('connected')
  })

  it('plays nobody until their voice comes again', async () => {
    await session.open()
    world.mediaConnection.on({ type: 'output', output: 'ada', voice: 'ada', track: voiceTrack() })
    expect([...world.heard.keys()]).toEqual(['ada'])
    expect(reports).toEqual(['voice'])
    world.mediaConnection.on({ type: 'quality', voice: 'ada', mine: false, weak: true })
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

describe('another kind of connection', () => {
  let wanted: Kind
  const kinds = () => world.mediaConnections.map(({ kind }) => kind)
  const at = (i: number) => {
    const found = world.mediaConnections[i]
    if (!found) throw new Error('no such connection')
    return found
  }
  const output = (i: number, output: string, voice?: string) =>
    at(i).on({ type: 'output', output, ...(voice && { voice }), track: voiceTrack() })

  beforeEach(() => {
    wanted = 'listen'
    session.close()
    let n = 0
    admit.mockImplementation(async (offer) => {
      n++
      if (wanted === 'talk') return talk
      await offer()
      return { kind: 'listen', answer: 'sdp', url: `/${n}` }
    })
    session = new MediaSession(
      world.media,
      {
        wanted: () => wanted,
        admit,
        objected: async ({ type }) => {
          objections.push(type)
          return verdict
        },
        report: (event) => void reports.push(event),
        playedAs: (voice) => `person-${voice}`,
      },
      { muted: false, backMuted: false },
    )
  })
  const follow = async (kind: Kind) => {
    wanted = kind
    session.follow()
    await settle()
  }

  it('listens without the library of calls', async () => {
    const media = vi.spyOn(world.media, 'media')
    await session.open()
    expect(connection()).toBe('connected')
    expect(kinds()).toEqual(['listen'])
    expect(media).not.toHaveBeenCalled()
  })

  it('names people as they change in a slot', async () => {
    await session.open()
    output(0, 'slot-0')
    expect(world.named.size).toBe(0)
    at(0).on({ type: 'speaker', output: 'slot-0', voice: '7' })
    expect(world.named.get('slot-0')).toBe('person-7')
    at(0).on({ type: 'speaker', output: 'slot-0', voice: undefined })
    expect(world.named.size).toBe(0)
  })

  it('is made while the one that stands plays on, until whoever is heard is heard there', async () => {
    await session.open()
    output(0, 'slot-0')
    at(0).heard = ['7']
    await follow('talk')
    expect(kinds()).toEqual(['listen', 'talk'])
    output(1, '7', '7')
    await pass(200)
    expect([...world.heard.keys()]).toEqual(['slot-0'])
    expect(at(0).said).toEqual([])
    at(1).heard = ['7']
    await pass(20)
    expect([...world.heard.keys()]).toEqual(['7'])
    expect(at(0).said).toEqual(['close /1'])
    expect(connection()).toBe('connected')
  })

  it('does not wait long for somebody who has fallen silent', async () => {
    await session.open()
    at(0).heard = ['7']
    await follow('talk')
    await pass(480)
    expect(at(0).said).toEqual([])
    await pass(60)
    expect(at(0).said).toEqual(['close /1'])
  })

  it('takes the microphone at once, whoever is still waited for', async () => {
    await session.open()
    at(0).heard = ['7']
    session.mic.speak()
    await follow('talk')
    expect(at(1).said).toEqual(['publish'])
  })

  it('keeps the talk until the listening sounds', async () => {
    wanted = 'talk'
    await speaking()
    at(0).heard = ['7']
    session.mic.release()
    await follow('listen')
    await pass(100)
    expect(at(0).said).not.toContain('close')
    at(1).heard = ['7']
    await pass(20)
    expect(at(0).said.at(-1)).toBe('close')
    expect(kinds()).toEqual(['talk', 'listen'])
  })

  it('comes all the same when the server ends the talk before', async () => {
    wanted = 'talk'
    await session.open()
    at(0).heard = ['7']
    await follow('listen')
    at(0).on({ type: 'closed', why: 'ended' })
    await pass(40)
    expect(objections).toEqual([])
    expect(connection()).toBe('connected')
    expect(at(1).said).toEqual([])
  })

  it('is dropped when it is not wanted after all', async () => {
    await session.open()
    at(0).heard = ['7']
    await follow('talk')
    await follow('listen')
    expect(at(1).said).toEqual(['close'])
    await pass(1000)
    expect(kinds()).toEqual(['listen', 'talk'])
    expect(at(0).said).toEqual([])
  })

  it('that cannot be made leaves the one that stands', async () => {
    await session.open()
    world.open.mockRejectedValue(new Error('no route'))
    await follow('talk')
    await pass(5000)
    expect(connection()).toBe('connected')
    expect(world.open.mock.calls.length).toBeGreaterThan(2)
    await follow('listen')
    const tries = world.open.mock.calls.length
    await pass(10_000)
    expect(world.open).toHaveBeenCalledTimes(tries)
  })

  it('ends the server’s session of an offer that comes too late', async () => {
    let grant: (it: Grant) => void = () => {}
    admit.mockImplementationOnce(async (offer) => {
      await offer()
      return new Promise((done) => (grant = done))
    })
    const opening = session.open()
    await settle()
    session.close()
    grant({ kind: 'listen', answer: 'sdp', url: '/late' })
    await opening
    await settle()
    expect(world.offers).toEqual(['offer 1', 'close /late'])
    expect(kinds()).toEqual([])
  })

  describe('for another network', () => {
    it.each([
      ['another path', () => world.doubt()],
      ['the network is back', () => world.network(true)],
      ['the path breaks', () => at(0).on({ type: 'connection', state: 'reconnecting' })],
    ])('is made anew while the old one plays: %s', async (_, happens) => {
      await session.open()
      output(0, 'slot-0')
      at(0).heard = ['7']
      happens()
      await settle()
      expect(kinds()).toEqual(['listen', 'listen'])
      expect([...world.heard.keys()]).toEqual(['slot-0'])
      output(1, 'slot-0')
      at(1).heard = ['7']
      await pass(20)
      expect(at(0).said).toEqual(['close /1'])
      expect([...world.heard.keys()]).toEqual(['slot-0'])
      expect(connection()).toBe('connected')
      await pass(10_000)
      expect(kinds()).toHaveLength(2)
    })

    it('is left to the library while somebody talks', async () => {
      wanted = 'talk'
      await session.open()
      world.doubt()
      world.network(true)
      await settle()
      expect(kinds()).toEqual(['talk'])
    })

    it('goes on when the old one is lost meanwhile', async () => {
      await session.open()
      at(0).heard = ['7']
      world.doubt()
      await settle()
      at(0).on({ type: 'closed', why: 'lost' })
      await pass(20)
      expect(connection()).toBe('connected')
      expect(kinds()).toHaveLength(2)
    })

    it('is said to be lost, not new, when the old one ends before the server has answered', async () => {
      await session.open()
      admit.mockImplementationOnce(() => new Promise(() => {}))
      world.doubt()
      at(0).on({ type: 'closed', why: 'lost' })
      expect(connection()).toBe('reconnecting')
    })

    it('joins anew, and is not elsewhere, when the server counted us out while we slept', async () => {
      await session.open()
      at(0).alive = false
      session.absent()
      await pass(10)
      expect(connection()).toBe('connected')
      expect(kinds()).toHaveLength(2)
    })
  })

  it('is at once tried again when it is lost', async () => {
    await session.open()
    at(0).on({ type: 'closed', why: 'lost' })
    expect(connection()).toBe('reconnecting')
    await pass(1)
    expect(connection()).toBe('connected')
  })
})
