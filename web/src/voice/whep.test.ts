import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionEvent, ListenConnection } from './mediaConnection'
import { offerAudio, warmOffer, withNack } from './whep'

/** A browser's peer connection, as far as a test says what becomes of it. */
class FakePeer extends EventTarget {
  static made: FakePeer[] = []
  connectionState = 'new'
  iceConnectionState = 'new'
  local: string | undefined
  remote: string | undefined
  closed = false
  get signalingState() {
    return this.closed ? 'closed' : 'stable'
  }
  sources: { source: number; timestamp: number }[][] = []
  stats = { type: 'candidate-pair', nominated: true, responsesReceived: 0, requestsSent: 0 }
  readonly slots: { receiver: object; currentDirection: string; direction: string }[] = []

  constructor(readonly config: RTCConfiguration) {
    super()
    FakePeer.made.push(this)
  }
  addTransceiver(kind: string, { direction }: { direction: string }) {
    const n = this.slots.length
    const receiver = {
      track: { id: `${kind}-${n}` },
      getContributingSources: () => this.sources[n] ?? [],
    }
    const slot = { receiver, direction, currentDirection: 'recvonly', setCodecPreferences: vi.fn() }
    this.slots.push(slot)
    return slot
  }
  getTransceivers = () => this.slots
  createOffer = async () => ({ type: 'offer', sdp: 'v=0\r\na=rtpmap:111 opus/48000/2\r\n' })
  async setLocalDescription(d?: { sdp: string }) {
    this.local = d?.sdp
  }
  async setRemoteDescription(d: { sdp: string }) {
    this.remote = d.sdp
  }
  getStats = async () => new Map([['pair', this.stats]])
  close() {
    this.closed = true
  }
  becomes(ice: string, connection = ice === 'disconnected' ? 'connected' : ice) {
    this.iceConnectionState = ice
    this.connectionState = connection
    this.dispatchEvent(new Event('iceconnectionstatechange'))
    this.dispatchEvent(new Event('connectionstatechange'))
  }
}

let events: ConnectionEvent[]
let fetched: [string, RequestInit][]
let open: ListenConnection[]
/** What the page does when it has nothing better to do. */
let idle: (() => void)[]
const answered = { answer: 'v=0 answer', url: '/api/rooms/r/listen/s' }
const on = (event: ConnectionEvent) => void events.push(event)
const peer = () => FakePeer.made.at(-1) as FakePeer
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

beforeEach(() => {
  vi.useFakeTimers()
  events = []
  fetched = []
  open = []
  idle = []
  FakePeer.made = []
  vi.stubGlobal('requestIdleCallback', (fn: () => void) => idle.push(fn))
  vi.stubGlobal('RTCPeerConnection', FakePeer)
  vi.stubGlobal('fetch', async (url: string, how: RequestInit) => {
    fetched.push([url, how])
    return new Response(null, { status: 204 })
  })
})
afterEach(() => {
  for (const connection of open) connection.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function listening() {
  const offer = await offerAudio()
  const accepting = offer.accept(answered, on)
  await pass(0)
  peer().becomes('connected')
  const connection = await accepting
  open.push(connection)
  return connection
}
/** Somebody's packets were played just now in a slot; nobody's in the others. */
const speaks = (...voices: [slot: number, voice: number, ago?: number][]) => {
  peer().sources = []
  for (const [slot, source, ago = 0] of voices) {
    peer().sources[slot] ??= []
    peer().sources[slot]?.push({ source, timestamp: performance.now() - ago })
  }
}
const speakers = () =>
  events.flatMap((e) => (e.type === 'speaker' ? [`${e.output} ${e.voice}`] : []))

describe('an offer', () => {
  it('receives six slots, asks no stranger for help, and asks for lost packets again', async () => {
    const offer = await offerAudio()
    expect(peer().slots.map(({ direction }) => direction)).toEqual(Array(6).fill('recvonly'))
    expect(peer().config.iceServers).toEqual([])
    expect(offer.sdp).toContain('a=rtcp-fb:111 nack\r\n')
  })

  it('asks once where the browser asks already', () => {
    const sdp = 'a=rtpmap:96 opus/48000/2\r\na=rtcp-fb:96 nack\r\n'
    expect(withNack(sdp)).toBe(sdp)
    expect(withNack('a=rtpmap:0 PCMU/8000\r\n')).toBe('a=rtpmap:0 PCMU/8000\r\n')
  })

  it('that was made ahead is used once', async () => {
    await warmOffer()
    await warmOffer()
    expect(FakePeer.made).toHaveLength(1)
    await offerAudio()
    expect(FakePeer.made).toHaveLength(1)
    await offerAudio()
    expect(FakePeer.made).toHaveLength(2)
  })

  it('that was made ahead and closed by the browser since is made anew', async () => {
    await warmOffer()
    peer().close()
    await offerAudio()
    expect(FakePeer.made).toHaveLength(2)
    expect(peer().local).toBeDefined()
  })

  it('that fails ahead takes no newer one along', async () => {
    const broken = vi.spyOn(FakePeer.prototype, 'addTransceiver').mockImplementationOnce(() => {
      throw new Error('no audio device')
    })
    const failing = warmOffer()
    const used = offerAudio()
    const newer = warmOffer()
    await Promise.all([failing, used, newer])
    broken.mockRestore()
    const made = FakePeer.made.length
    await offerAudio()
    expect(FakePeer.made, 'the newer one is used').toHaveLength(made)
  })

  it('is the browser’s own at once, while the server is still asked', async () => {
    const offer = await offerAudio()
    expect(peer().local).toBe(offer.sdp)
  })

  it('is made for the next time once this one is connected', async () => {
    await listening()
    for (const rest of idle) rest()
    await pass(0)
    expect(FakePeer.made).toHaveLength(2)
    await offerAudio()
    expect(FakePeer.made).toHaveLength(2)
  })

  it('that the server answered, and nobody wants any more, is deleted there', async () => {
    const offer = await offerAudio()
    offer.close('/session')
    expect(peer().closed).toBe(true)
    expect(fetched).toMatchObject([['/session', { method: 'DELETE', keepalive: true }]])
  })
})

describe('connecting', () => {
  it('resolves with ICE and DTLS, and tells of the slots that the answer fills', async () => {
    const offer = await offerAudio()
    const accepting = offer.accept(answered, on)
    const slot = peer().slots[5]
    if (slot) slot.currentDirection = 'inactive'
    await pass(0)
    expect(peer()).toMatchObject({ local: offer.sdp, remote: answered.answer })
    expect(events.map((e) => e.type)).toEqual(Array(5).fill('output'))
    let done = false
    void accepting.then(() => (done = true))
    await pass(100)
    expect(done).toBe(false)
    peer().becomes('connected')
    open.push(await accepting)
    expect(done).toBe(true)
  })

  it('says that the sound is blocked, gives up in the end, and leaves nothing behind', async () => {
    const offer = await offerAudio()
    const accepting = offer.accept(answered, on)
    const failed = expect(accepting).rejects.toThrow()
    await pass(4000)
    expect(events).toContainEqual({ type: 'stuck', why: 'blocked' })
    await pass(7000)
    await failed
    expect(peer().closed).toBe(true)
    expect(fetched).toHaveLength(1)
  })
})

describe('who is in a slot', () => {
  it('is said by the packets, until they have been quiet for a second', async () => {
    const connection = await listening()
    speaks([0, 7], [2, 9])
    await pass(60)
    expect(speakers()).toEqual(['slot-0 7', 'slot-2 9'])
    expect(connection.heard()).toEqual(['7', '9'])
    speaks([0, 7, 900], [2, 9, 1100])
    await pass(60)
    expect(speakers().slice(2)).toEqual(['slot-2 undefined'])
    expect(connection.heard()).toEqual(['7'])
  })

  it('is the one who came last, whatever the browser counts its time from', async () => {
    await listening()
    peer().sources = [
      [
        { source: 7, timestamp: performance.timeOrigin + performance.now() - 500 },
        { source: 8, timestamp: performance.timeOrigin + performance.now() },
      ],
    ]
    await pass(60)
    expect(speakers()).toEqual(['slot-0 8'])
  })

  it('is in one slot only after a change of slots', async () => {
    await listening()
    speaks([0, 7])
    await pass(60)
    speaks([0, 7, 300], [1, 7])
    await pass(60)
    expect(speakers()).toEqual(['slot-0 7', 'slot-0 undefined', 'slot-1 7'])
  })
})

describe('a path that breaks', () => {
  const states = () => events.flatMap((e) => (e.type === 'connection' ? [e.state] : []))

  it('is told after a second, for it may mend itself', async () => {
    await listening()
    peer().becomes('disconnected')
    await pass(900)
    expect(states()).toEqual([])
    peer().becomes('connected')
    await pass(1000)
    expect(states()).toEqual([])
    peer().becomes('disconnected')
    await pass(1100)
    expect(states()).toEqual(['reconnecting'])
    peer().becomes('connected')
    expect(states()).toEqual(['reconnecting', 'connected'])
  })

  it('is lost when the browser gives up', async () => {
    await listening()
    peer().becomes('failed')
    expect(events).toContainEqual({ type: 'closed', why: 'lost' })
  })

  it('is noticed by checks without an answer, before the browser says so', async () => {
    const connection = await listening()
    const { stats } = peer()
    for (let i = 0; i < 6; i++) {
      stats.requestsSent++
      stats.responsesReceived++
      await pass(500)
    }
    expect(connection.alive()).toBe(true)
    stats.requestsSent += 2
    await pass(2000)
    expect(states()).toEqual(['reconnecting'])
    expect(connection.alive()).toBe(false)
    stats.responsesReceived++
    await pass(500)
    expect(states()).toEqual(['reconnecting', 'connected'])
  })

  it('is not a room in which nobody talks', async () => {
    await listening()
    await pass(60_000)
    expect(states()).toEqual([])
  })
})

describe('the end', () => {
  it('deletes the session once, and looks no more', async () => {
    const connection = await listening()
    connection.close()
    connection.close()
    expect(peer().closed).toBe(true)
    expect(fetched.map(([url]) => url)).toEqual([answered.url])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('deletes it when the page goes', async () => {
    await listening()
    window.dispatchEvent(new Event('pagehide'))
    expect(fetched).toMatchObject([[answered.url, { method: 'DELETE', keepalive: true }]])
  })
})

it('says that a browser without WebRTC cannot play, also when the offer was to be made ahead', async () => {
  vi.stubGlobal('RTCPeerConnection', undefined)
  await warmOffer()
  await expect(offerAudio()).rejects.toMatchObject({ name: 'Problem', code: 'no_webrtc' })
})
