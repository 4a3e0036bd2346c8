import { type Call, Problem, type QueueStatus } from '../api'
import type { OwnListener } from '../realtime/connection'
import type { CallDeps } from '../voice/callDeps'
import type { CallStore } from '../voice/callStore'
import { MediaFake, pass, settle, voiceTrack } from './mediaFake'

/** The server of a world in which nothing happens by itself, and a window on it. */
export class CallFake extends MediaFake {
  /** The server's clock when the window began. */
  readonly epoch = 1_700_000_000_000
  queue: QueueStatus = {
    waiting: false,
    looking: 0,
    call_privacy: 'everyone',
    alert: false,
    missed: [],
    hours: [],
    now: this.epoch,
  }
  asked: string[] = []
  refuses: Record<string, Problem> = {}
  earcons: string[] = []
  own: OwnListener | undefined
  back: () => void = () => {}
  seen = true
  persisted: {
    call?: string
    tonight?: { tonight: { intents: string[]; languages: string[] }; at: number }
  } = {}
  left = 0
  packets = 0
  began = performance.now()

  get now(): number {
    return this.epoch + performance.now() - this.began
  }
  /** What the server was told last of who has the microphone. */
  interrupted = false
  /** A call that the queue tells no more of. */
  past: Call | undefined

  get call(): Call {
    if (!this.queue.call) throw new Error('no call')
    return this.queue.call
  }

  /** Something becomes of the call; the window is told by event. */
  becomes(more: Partial<Call>, tell = true): void {
    const seq = (this.queue.call?.seq ?? 0) + 1
    this.queue = { ...this.queue, call: { ...callOf(this), ...this.queue.call, ...more, seq } }
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
  #queued(name: string, more: Partial<QueueStatus> = {}): QueueStatus {
    this.#ask(name)
    this.queue = { ...this.queue, ...more }
    return {
      ...this.queue,
      ...(this.queue.call && { call: { ...this.call, now: this.now } }),
      now: this.now,
    }
  }

  deps: CallDeps = {
    ...this.media,
    server: {
      queue: async () => this.#queued('queue'),
      enter: async () => this.#queued('enter', { waiting: true, since: this.now, looking: 1 }),
      heartbeat: async () => this.#queued('heartbeat'),
      cancel: async () => this.#queued('cancel', { waiting: false }),
      callPrivacy: async (call_privacy) => this.#queued('callPrivacy', { call_privacy }),
      alert: async (alert) => this.#queued('alert', { alert }),
      hour: async () => this.#queued('hour'),
      ring: async () => {
        this.#ask('ring')
        this.becomes(
          { kind: 'direct', mine: true, accepted: true, deadline_at: this.now + 30_000 },
          false,
        )
        return { ...this.call, now: this.now }
      },
      call: async () => {
        this.#ask('call')
        if (!this.past) throw Problem.offline()
        return { ...this.past, now: this.now }
      },
      join: async () => {
        this.#ask('join')
        return { call: { ...this.call, now: this.now }, media: { url: '/', token: 't' } }
      },
      accept: async () => this.#answer('accept', { accepted: true }),
      decline: async () => this.#answer('decline', { state: 'ended', end_reason: 'nothing' }),
      audioReceived: async () => this.#answer('audioReceived', {}),
      extend: async () => this.#answer('extend', { extend_mine: true }),
      leave: async () => this.#answer('leave', { state: 'ended', end_reason: 'left' }),
      microphone: async (_, { muted, interrupted }) => {
        this.interrupted = interrupted
        return this.#answer('microphone', { muted })
      },
      choose: async (_, choice) => this.#answer('choose', { choice }),
    },
    listen: (owner) => {
      this.own = owner
      return () => {
        this.own = undefined
      }
    },
    micKnown: () => true,
    earcon: (name) => void this.earcons.push(name),
    leaveRoom: () => {
      this.left++
    },
    own: () => performance.now(),
    visible: () => this.seen,
    onVisible: (fn) => {
      this.back = fn
      return () => {}
    },
    persisted: {
      call: () => this.persisted.call,
      keepCall: (id) => {
        this.persisted.call = id
      },
      tonight: () => this.persisted.tonight,
      keepTonight: (wish) => {
        this.persisted.tonight = wish
      },
    },
  }
}

export const callOf = (world: CallFake): Call => ({
  id: 'c1',
  kind: 'match',
  state: 'proposed',
  seq: 0,
  person: {
    id: 'mei',
    name: 'Mei',
    resident: false,
    seed: 1,
  },
  age_from: 30,
  age_to: 34,
  shared: ['jazz'],
  mine: false,
  accepted: false,
  deadline_at: world.now + 15_000,
  muted: false,
  they_muted: false,
  they_interrupted: false,
  extend_mine: false,
  extend_theirs: false,
  extensions: 0,
  cards: [],
  matched: false,
  ended_by_me: false,
  they_away: false,
  now: world.now,
})

export const MINUTE = 60_000
export const anything = { intents: [], languages: [] }

/** Somebody is proposed to whoever waits at this window. */
export async function propose(world: CallFake, calls: CallStore): Promise<void> {
  await calls.enter(anything)
  world.queue = { ...world.queue, waiting: false }
  world.becomes({ deadline_at: world.now + 15_000 })
  await settle()
}

/** Both have said yes, and their voice comes in. */
export async function connect(world: CallFake, calls: CallStore): Promise<void> {
  await propose(world, calls)
  await calls.accept()
  world.becomes({ state: 'connecting', deadline_at: world.now + 20_000 })
  await settle()
  world.packets = 5
  world.mediaConnection.on({
    type: 'output',
    output: 'b',
    voice: 'b',
    track: voiceTrack(),
    packets: async () => world.packets,
  })
  await pass(100)
}
