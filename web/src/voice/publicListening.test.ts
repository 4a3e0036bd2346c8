import { beforeEach, expect, it } from 'vitest'
import { Problem } from '../api'
import { MediaFake, voiceTrack } from '../testing/mediaFake'
import { type PublicDeps, PublicListening } from './publicListening'

let fake: MediaFake
let posted: string[]
let answer: () => Promise<{ answer: string; url: string }>
let heard: string[]
let waits: number[]
/** Lets the next pause end. */
let go: () => void
let network: Set<(there: boolean) => void>
let listening: PublicListening

const refusal = (code: string, status: number) => new Problem({ code, status, detail: code })
const settle = () => new Promise((done) => setTimeout(done, 0))

beforeEach(() => {
  fake = new MediaFake()
  posted = []
  heard = []
  waits = []
  network = new Set()
  let n = 0
  answer = async () => ({ answer: 'sdp', url: `/${++n}` })
  const deps: PublicDeps = {
    offer: fake.media.offer,
    post: (room) => {
      posted.push(room)
      return answer()
    },
    playback: fake.media.playback,
    wait: (ms) => {
      waits.push(ms)
      return ms === 0 ? Promise.resolve() : new Promise((done) => (go = done))
    },
    onNetwork(fn) {
      network.add(fn)
      return () => network.delete(fn)
    },
  }
  listening = new PublicListening('r', (voice) => heard.push(voice), deps)
})

async function plays() {
  listening.play()
  await settle()
}
const status = () => listening.get().status

it('is silent until it is asked to play', async () => {
  expect(status()).toBe('idle')
  expect(posted).toEqual([])
  await plays()
  expect(status()).toBe('playing')
  expect(posted).toEqual(['r'])
})

it('plays each slot by the voice that is in it, and tells of the voice', async () => {
  await plays()
  fake.mediaConnection.on({ type: 'output', output: 'slot-0', track: voiceTrack() })
  fake.mediaConnection.on({ type: 'speaker', output: 'slot-0', voice: '11' })
  expect(fake.named.get('slot-0')).toBe('11')
  expect(heard).toEqual(['11'])
  listening.stop()
  expect(status()).toBe('idle')
  expect(fake.heard.size).toBe(0)
  expect(fake.mediaConnection.said).toEqual(['close /1'])
})

it('connects anew when the way is lost, and lets go of the old one then', async () => {
  await plays()
  const first = fake.mediaConnection
  first.on({ type: 'connection', state: 'reconnecting' })
  expect(status()).toBe('reconnecting')
  expect(first.said).toEqual([])
  await settle()
  expect(status()).toBe('playing')
  expect(first.said).toEqual(['close /1'])
  // What an old connection says is nobody's business any more.
  first.on({ type: 'closed', why: 'lost' })
  expect(status()).toBe('playing')
})

it('tries again and again, more and more slowly', async () => {
  answer = async () => {
    throw Problem.offline()
  }
  await plays()
  expect(status()).toBe('connecting')
  for (let n = 0; n < 5; n++) {
    go()
    await settle()
  }
  expect(waits).toEqual([0, 1000, 2000, 4000, 4000, 4000, 4000])
  answer = async () => ({ answer: 'sdp', url: '/late' })
  go()
  await settle()
  expect(status()).toBe('playing')
})

it('says when the room is not shared any more', async () => {
  await plays()
  answer = async () => {
    throw refusal('session.none', 401)
  }
  fake.mediaConnection.on({ type: 'closed', why: 'lost' })
  await settle()
  expect(status()).toBe('gone')
  expect(fake.heard.size).toBe(0)
  listening.play()
  listening.stop()
  expect(status()).toBe('gone')
})

it('says that the room is full, and can be asked again', async () => {
  answer = async () => {
    throw refusal('listen.full', 503)
  }
  await plays()
  expect(listening.get()).toMatchObject({ status: 'refused', problem: { code: 'listen.full' } })
  answer = async () => ({ answer: 'sdp', url: '/2' })
  await plays()
  expect(status()).toBe('playing')
})

it('says that this browser cannot play it, and does not try for ever', async () => {
  answer = async () => {
    throw new Problem({ code: 'no_webrtc', status: 0, detail: 'none' })
  }
  await plays()
  expect(listening.get()).toMatchObject({ status: 'refused', problem: { code: 'no_webrtc' } })
  expect(waits).toEqual([0])
})

it('closes what comes after the wish to stop', async () => {
  let late: (v: { answer: string; url: string }) => void = () => {}
  answer = () => new Promise((done) => (late = done))
  await plays()
  expect(status()).toBe('connecting')
  listening.stop()
  late({ answer: 'sdp', url: '/late' })
  await settle()
  expect(status()).toBe('idle')
  expect(fake.mediaConnection.said).toEqual(['close /late'])
})

it('tries at once when the network is back, and watches it only while it is to play', async () => {
  answer = () => Promise.reject(Problem.offline())
  await plays()
  expect(waits).toEqual([0, 1000])
  for (const tell of network) tell(false)
  await settle()
  expect(posted).toHaveLength(1)
  answer = async () => ({ answer: 'sdp', url: '/1' })
  for (const tell of network) tell(true)
  await settle()
  expect(status()).toBe('playing')
  expect(network.size).toBe(1)
  listening.stop()
  expect(network.size).toBe(0)
})
