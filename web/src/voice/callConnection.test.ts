import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { CallFake, connect, MINUTE, propose } from '../testing/callFake'
import { pass, settle, voiceTrack } from '../testing/mediaFake'
import { CallStore } from './callStore'

let world: CallFake
let calls: CallStore
let stop: () => void

const opened = async () => {
  calls = new CallStore(world.deps)
  stop = calls.start()
  await settle()
}
const count = (name: string) => world.asked.filter((a) => a === name).length

beforeEach(() => {
  vi.useFakeTimers()
  world = new CallFake()
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

async function proposed() {
  await opened()
  await propose(world, calls)
}

async function talking() {
  await opened()
  await connect(world, calls)
  world.becomes({ state: 'live', live_at: world.now, deadline_at: world.now + 7 * MINUTE })
  await settle()
}

describe('a call', () => {
  it('says that it hears when packets have come, not before, and once', async () => {
    await proposed()
    await calls.accept()
    world.becomes({ state: 'connecting', deadline_at: world.now + 20_000 })
    await settle()
    world.mediaConnection.on({
      type: 'output',
      output: 'mei',
      voice: 'mei',
      track: voiceTrack(),
      packets: async () => world.packets,
    })
    await pass(600)
    expect(count('audioReceived')).toBe(0)
    world.packets = 1
    await pass(100)
    expect(count('audioReceived')).toBe(1)
    expect(calls.get().audio.heard).toBe(true)
    await pass(2000)
    expect(count('audioReceived')).toBe(1)
  })

  it('says why the sound does not come, until it comes', async () => {
    await talking()
    world.mediaConnection.on({ type: 'stuck', why: 'blocked' })
    expect(calls.get().audio.stuck).toBe('blocked')
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    await pass(50)
    expect(calls.get().audio).toMatchObject({ connection: 'connected' })
    expect(calls.get().audio.stuck).toBeUndefined()
  })

  it('says it again when that was lost', async () => {
    world.refuses = { audioReceived: Problem.offline() }
    await opened()
    await connect(world, calls)
    expect(count('audioReceived')).toBe(1)
    world.refuses = {}
    await pass(1200)
    expect(count('audioReceived')).toBe(2)
  })

  it('hears who has muted themselves before the first word', async () => {
    await proposed()
    await calls.accept()
    world.becomes({ state: 'connecting', they_muted: true, deadline_at: world.now + 20_000 })
    await settle()
    world.mediaConnection.on({ type: 'output', output: 'mei', voice: 'mei', track: voiceTrack() })
    await pass(100)
    expect(count('audioReceived')).toBe(1)
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
    await calls.extend()
    expect(calls.get().call?.extend_mine).toBe(true)
    await calls.extend()
    expect(count('extend')).toBe(1)
    world.becomes({
      extend_mine: false,
      extensions: 1,
      deadline_at: (world.call.deadline_at ?? 0) + 3 * MINUTE,
    })
    await settle()
    expect(calls.get().lastMinute).toBe(false)
    await pass(3 * MINUTE)
    expect(world.earcons.filter((e) => e === 'minute')).toHaveLength(2)
  })

  it('knows that the other is gone for now, and back', async () => {
    await talking()
    world.becomes({ they_away: true })
    await settle()
    expect(calls.get().call?.they_away).toBe(true)
    world.becomes({ they_away: false })
    await settle()
    expect(calls.get().call?.they_away).toBe(false)
  })

  it('finds back by itself when the connection is lost, and speaks on', async () => {
    await talking()
    world.mediaConnection.on({ type: 'closed', why: 'lost' })
    expect(calls.get().audio.connection).toBe('reconnecting')
    await settle()
    expect(calls.get().audio.connection).toBe('connected')
    expect(world.mediaConnections).toHaveLength(2)
    expect(world.mediaConnection.said).toEqual(['publish'])
  })

  it('after a reload waits for one tap, and is back with it', async () => {
    await talking()
    stop()
    await opened()
    expect(calls.get().call?.state).toBe('live')
    expect(calls.get().audio.connection).toBe('away')
    expect(count('join')).toBe(1)
    await calls.comeBack()
    await settle()
    expect(count('join')).toBe(2)
    expect(calls.get().audio).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('gives the audio to the newest window, says so, and takes it back when asked', async () => {
    await talking()
    world.mediaConnection.on({ type: 'closed', why: 'duplicate' })
    await pass(5000)
    expect(calls.get().audio.connection).toBe('elsewhere')
    expect(world.track.stop).toHaveBeenCalled()
    world.becomes({ they_muted: true })
    await pass(5000)
    expect(calls.get().audio.mic, 'news of the call opens no microphone here').toBe('off')
    await calls.comeBack()
    await settle()
    expect(calls.get().audio).toMatchObject({ connection: 'connected', mic: 'open' })
  })

  it('comes back as the other window left it: muted', async () => {
    await talking()
    world.mediaConnection.on({ type: 'closed', why: 'duplicate' })
    await settle()
    world.becomes({ muted: true })
    await settle()
    await calls.comeBack()
    await settle()
    expect(calls.get().audio).toMatchObject({ connection: 'connected', mic: 'muted' })
    expect(world.track.enabled).toBe(false)
  })

  it('leaves the call to the newer window also when the server ended the connection for it', async () => {
    await talking()
    const joins = count('join')
    world.mediaConnection.on({ type: 'closed', why: 'ended' })
    await pass(20_000)
    expect(calls.get().audio.connection).toBe('elsewhere')
    expect(count('join')).toBe(joins)
  })

  it('mutes here at once, whatever becomes of the word to the server', async () => {
    await talking()
    world.refuses = { microphone: Problem.offline() }
    const done = calls.setMuted(true)
    expect(world.track.enabled).toBe(false)
    expect(calls.get().audio.mic).toBe('muted')
    await done
    expect(calls.get().audio.mic).toBe('muted')
    expect(world.mediaConnection.said).toEqual(['publish', 'mute'])
  })

  it('says when the phone takes the microphone, and when it gives it back', async () => {
    await talking()
    world.track.taken(true)
    expect(calls.get().audio.mic).toBe('taken')
    expect(world.interrupted, 'told to the other').toBe(true)
    world.track.taken(false)
    expect(calls.get().audio.mic).toBe('open')
    expect(world.interrupted).toBe(false)
  })

  it('takes another microphone when one is unplugged', async () => {
    await talking()
    world.track.end()
    await settle()
    expect(world.tracks).toHaveLength(2)
    expect(world.mediaConnection.said).toEqual(['publish', 'unpublish', 'publish'])
  })

  it('tells the other when there is no microphone any more, and when there is one again', async () => {
    await talking()
    const { captured } = world
    world.captured = async () => ({ refused: 'missing' })
    world.track.end()
    await settle()
    expect(calls.get().audio.mic).toBe('missing')
    expect(world.interrupted).toBe(true)
    world.captured = captured
    world.devices()
    await settle()
    expect(calls.get().audio.mic).toBe('open')
    expect(world.interrupted).toBe(false)
  })

  it('tells whose connection is weak', async () => {
    await talking()
    world.mediaConnection.on({ type: 'quality', voice: 'b', mine: false, weak: true })
    expect(calls.get().audio.weak).toBe('theirs')
    world.mediaConnection.on({ type: 'quality', voice: 'a', mine: true, weak: true })
    expect(calls.get().audio.weak).toBe('mine')
  })
})

describe('the end', () => {
  it('when I hang up is here at once, and can be answered', async () => {
    await talking()
    const done = calls.leave()
    expect(calls.get().call).toMatchObject({ state: 'ended', end_reason: 'left' })
    expect(world.track.stop).toHaveBeenCalled()
    await done
    await calls.choose('heart', { kind: true })
    expect(calls.get().call?.choice).toBe('heart')
    calls.dismiss()
    await calls.refresh()
    expect(calls.get().call).toBeUndefined()
  })

  it('can be answered, too, if it began in the moment in which I hung up', async () => {
    await opened()
    await connect(world, calls)
    world.becomes({ state: 'live', live_at: world.now }, false)
    const done = calls.leave()
    expect(calls.get().call).toBeUndefined()
    await done
    expect(calls.get().call).toMatchObject({ state: 'ended', end_reason: 'left' })
  })

  it('when time is up keeps them on the screen', async () => {
    await talking()
    world.becomes({ state: 'ended', end_reason: 'time', deadline_at: undefined })
    await settle()
    expect(calls.get().call).toMatchObject({ state: 'ended', end_reason: 'time' })
    expect(calls.get().audio.connection).toBe('none')
    expect(world.earcons.at(-1)).toBe('over')
  })

  it('is not undone by an answer that was asked for before', async () => {
    await talking()
    const before = { ...world.call }
    world.becomes({ state: 'ended', end_reason: 'time' })
    await settle()
    world.queue = { ...world.queue, call: before }
    await calls.refresh()
    expect(calls.get().call?.state).toBe('ended')
  })

  it('lets somebody who was blocked go at once', async () => {
    await talking()
    world.queue = { ...world.queue, call: undefined }
    calls.part('mei')
    await settle()
    expect(calls.get().call).toBeUndefined()
    expect(world.track.stop).toHaveBeenCalled()
  })
})

describe('a direct call', () => {
  it('rings, with the connection ready, and connects with their yes', async () => {
    await opened()
    await calls.ring('mei')
    await settle()
    expect(calls.get().call).toMatchObject({ kind: 'direct', mine: true })
    expect(count('join')).toBe(1)
    expect(calls.get().audio.connection).toBe('connected')
    world.becomes({ state: 'connecting' })
    await settle()
    expect(world.mediaConnection.said).toEqual(['publish'])
  })

  it('from a room leaves it, and opens the microphone, only with their yes', async () => {
    await opened()
    await calls.offer('mei')
    await settle()
    expect(calls.get().call).toMatchObject({ mine: true, state: 'proposed' })
    expect(world.left).toBe(0)
    expect(count('join')).toBe(0)
    world.becomes({ state: 'connecting' })
    await settle()
    expect(world.left).toBe(1)
    expect(count('join')).toBe(1)
    expect(world.mediaConnection.said).toEqual(['publish'])
  })

  it('from a room that comes to nothing goes without a word', async () => {
    await opened()
    await calls.offer('mei')
    world.becomes({ state: 'ended', end_reason: 'nothing' })
    await settle()
    expect(calls.get().call).toBeUndefined()
    expect(world.left).toBe(0)
    expect(world.earcons).toEqual([])
  })

  it('from a room that nobody answered leaves no question with whom it rang at', async () => {
    await opened()
    world.becomes({ kind: 'direct', offered: true, deadline_at: world.now + 30_000 })
    await settle()
    world.queue = { ...world.queue, call: undefined }
    world.own?.event({ type: 'call', call_id: 'c1', seq: 9 })
    await settle()
    expect(calls.get().call).toBeUndefined()
  })

  it('nobody took is said, and not as their fault', async () => {
    await opened()
    await calls.ring('mei')
    world.queue = { ...world.queue, call: undefined }
    world.own?.event({ type: 'call', call_id: 'c1', seq: 9 })
    await settle()
    expect(calls.get().call).toMatchObject({ state: 'ended', end_reason: 'nothing' })
  })

  it('that is over when this window looks again says how it ended', async () => {
    await opened()
    await calls.ring('mei')
    world.becomes({ state: 'connecting' })
    await settle()
    world.past = { ...world.call, seq: 7, state: 'ended', end_reason: 'never_heard' }
    world.queue = { ...world.queue, call: undefined }
    await calls.refresh()
    await settle()
    expect(calls.get().call).toMatchObject({ state: 'ended', end_reason: 'never_heard' })
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
