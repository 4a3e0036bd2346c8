import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../api'
import { anything, CallFake, MINUTE, propose } from '../testing/callFake'
import { pass, refusal, settle } from '../testing/mediaFake'
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

describe('waiting', () => {
  it('says every twenty seconds that it still waits', async () => {
    await opened()
    await calls.enter(anything)
    await pass(61_000)
    expect(count('heartbeat')).toBe(3)
    await calls.cancel()
    await pass(60_000)
    expect(count('heartbeat')).toBe(3)
    expect(world.persisted.tonight).toBeUndefined()
  })

  it('goes on after the page was loaded anew', async () => {
    world.queue = { ...world.queue, waiting: true, looking: 2 }
    await opened()
    await pass(20_000)
    expect(count('heartbeat')).toBe(1)
  })

  it('waits again, with the same wishes, when the server has given it up for silent', async () => {
    await opened()
    await calls.enter({ intents: ['friends'], languages: ['it'] })
    world.queue = { ...world.queue, waiting: false }
    world.refuses = { heartbeat: refusal('queue.not_waiting', 404) }
    await pass(20_000)
    expect(count('enter')).toBe(2)
    expect(calls.get().queue?.waiting).toBe(true)
    expect(world.persisted.tonight?.tonight).toEqual({ intents: ['friends'], languages: ['it'] })
  })

  it('does not go on unasked when it slept for long: it says so', async () => {
    world.persisted.tonight = { tonight: anything, at: world.epoch - 20 * MINUTE }
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
    expect(count('heartbeat')).toBe(1)
  })

  it('tries again soon when the network was away', async () => {
    await opened()
    await calls.enter(anything)
    world.refuses = { heartbeat: Problem.offline() }
    await pass(20_000)
    world.refuses = {}
    await pass(4000)
    expect(count('heartbeat')).toBe(2)
    expect(calls.get().queue?.waiting).toBe(true)
  })

  it('knows a server that has no Call yet', async () => {
    world.refuses = { queue: refusal('server.not_ready', 503) }
    await opened()
    expect(calls.get()).toMatchObject({ status: 'error', problem: { code: 'server.not_ready' } })
  })
})

describe('a proposal', () => {
  it('makes a sign, and opens connection and microphone, sending nothing', async () => {
    await proposed()
    expect(calls.get().call?.state).toBe('proposed')
    expect(world.earcons).toEqual(['proposal'])
    expect(count('join')).toBe(1)
    expect(calls.get().audio).toMatchObject({ connection: 'connected', mic: 'ready' })
    expect(world.mediaConnection.said).toEqual([])
  })

  it('lets one be heard with the yes, as soon as the server allows it', async () => {
    await proposed()
    world.mayPublish = false
    await calls.accept()
    expect(world.left).toBe(1)
    expect(world.mediaConnection.said).toEqual([])
    world.mayPublish = true
    await pass(400)
    expect(world.mediaConnection.said).toEqual(['publish'])
    expect(count('join')).toBe(1)
  })

  it('that comes to nothing goes without a word, and waiting goes on', async () => {
    await proposed()
    await calls.accept()
    world.becomes({ state: 'ended', end_reason: 'nothing' }, false)
    world.queue = { ...world.queue, waiting: true, call: undefined }
    world.own?.event({ type: 'call', call_id: 'c1', seq: 9 })
    await settle()
    expect(calls.get().call).toBeUndefined()
    expect(calls.get().audio.connection).toBe('none')
    expect(world.track.stop).toHaveBeenCalled()
    expect(world.earcons).toEqual(['proposal'])
    await pass(20_000)
    expect(count('heartbeat')).toBe(1)
  })

  it('is asked about when its time is over and no word has come', async () => {
    await proposed()
    const before = count('queue')
    world.queue = { ...world.queue, waiting: true, call: undefined }
    await pass(15_000)
    expect(calls.get().call).toBeDefined()
    await pass(2000)
    expect(count('queue')).toBeGreaterThan(before)
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

  it('waits with the connection while nobody sees the window', async () => {
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
    expect(calls.get().audio.connection).toBe('away')
  })
})
