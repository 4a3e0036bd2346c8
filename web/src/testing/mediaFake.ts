import { vi } from 'vitest'
import { Problem } from '../api'
import { Writable } from '../ui/store'
import type { Captured } from '../voice/capture'
import type {
  ConnectionEvent,
  Kind,
  ListenConnection,
  Offer,
  OnConnection,
  OpenConnection,
  TalkConnection,
} from '../voice/mediaConnection'
import type { MediaDeps } from '../voice/mediaSession'
import type { Sound } from '../voice/playback'
import { FakeTrack } from './track'

export const refusal = (code: string, status = 409) => new Problem({ code, status, detail: code })
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
export const settle = () => pass(0)
/** Somebody's voice; nobody listens to it. */
export const voiceTrack = () => new FakeTrack() as unknown as MediaStreamTrack

interface FakeConnection {
  kind: Kind
  on(event: ConnectionEvent): void
  /** Voices that are heard on it. */
  heard: string[]
  alive: boolean
  /** What was asked of it, in order. */
  said: string[]
}

/** The audio of a world in which nothing happens by itself: connections, microphones, playback, network. */
export class MediaFake {
  mediaConnections: FakeConnection[] = []
  tracks: FakeTrack[] = []
  /** What is played, by output. */
  heard = new Map<string, MediaStreamTrack>()
  /** Who is heard on which output. */
  named = new Map<string, string>()
  /** Offers to listen that were made, and what became of them. */
  offers: string[] = []
  mayPublish = true
  #networks = new Set<(there: boolean) => void>()
  /** Another network, or the machine slept. */
  doubt: () => void = () => {}
  permission: (allowed: boolean) => void = () => {}
  devices: () => void = () => {}

  get mediaConnection(): FakeConnection {
    const connection = this.mediaConnections.at(-1)
    if (!connection) throw new Error('no connection')
    return connection
  }
  get track(): FakeTrack {
    const track = this.tracks.at(-1)
    if (!track) throw new Error('no microphone')
    return track
  }
  network(there: boolean): void {
    for (const fn of [...this.#networks]) fn(there)
  }

  open = vi.fn<OpenConnection>(async (_url, _token, on): Promise<TalkConnection> => {
    const connection = this.#connection('talk', on)
    return {
      kind: 'talk',
      heard: () => connection.heard,
      path: async () => 'udp',
      publish: async (_, muted) => {
        if (!this.mayPublish) throw new Error('not yet')
        connection.said.push(muted ? 'publish muted' : 'publish')
      },
      setMuted: (muted) => void connection.said.push(muted ? 'mute' : 'unmute'),
      unpublish: () => void connection.said.push('unpublish'),
      close: () => void connection.said.push('close'),
    }
  })
  /** What becomes of an offer to listen. */
  accept = vi.fn<Offer['accept']>(async ({ url }, on): Promise<ListenConnection> => {
    const connection = this.#connection('listen', on)
    return {
      kind: 'listen',
      heard: () => connection.heard,
      path: async () => 'udp',
      alive: () => connection.alive,
      close: () => void connection.said.push(`close ${url}`),
    }
  })
  #connection(kind: Kind, on: OnConnection): FakeConnection {
    const connection: FakeConnection = { kind, on, heard: [], alive: true, said: [] }
    this.mediaConnections.push(connection)
    return connection
  }
  #offer(): Offer {
    const sdp = `offer ${this.offers.length + 1}`
    this.offers.push(sdp)
    return {
      sdp,
      accept: (answered, on) => this.accept(answered, on),
      close: (url) => void this.offers.push(`close ${url ?? sdp}`),
    }
  }
  #sound(): Sound {
    const outputs = new Map<string, MediaStreamTrack>()
    const names = new Map<string, string>()
    let plays = false
    const show = (output: string) => {
      const track = outputs.get(output)
      const name = names.get(output)
      if (!plays || !track) return
      this.heard.set(output, track)
      if (name === undefined) this.named.delete(output)
      else this.named.set(output, name)
    }
    const remove = (output: string) => {
      const track = outputs.get(output)
      outputs.delete(output)
      if (this.heard.get(output) !== track) return
      this.heard.delete(output)
      this.named.delete(output)
    }
    return {
      add(output, track) {
        outputs.set(output, track)
        show(output)
      },
      name(output, personId) {
        if (personId === undefined) names.delete(output)
        else names.set(output, personId)
        show(output)
      },
      remove,
      play() {
        plays = true
        for (const output of outputs.keys()) show(output)
      },
      close() {
        for (const output of [...outputs.keys()]) remove(output)
      },
    }
  }
  /** What the browser answers to whoever wants the microphone. */
  captured = async (): Promise<Captured> => {
    const track = new FakeTrack()
    this.tracks.push(track)
    // A stand-in with all the members a session touches.
    return { track: track as unknown as MediaStreamTrack }
  }

  readonly media: MediaDeps = {
    media: async () => this.open,
    offer: async () => this.#offer(),
    capture: () => this.captured(),
    self: () => 'me',
    playback: {
      state: new Writable<'ok' | 'blocked'>('ok'),
      open: () => this.#sound(),
      resume: () => {},
    },
    setVoice: () => {},
    later: (fn, ms) => {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
    onPermission: (fn) => {
      this.permission = fn
      return () => {}
    },
    onDevices: (fn) => {
      this.devices = fn
      return () => {}
    },
    onDoubt: (fn) => {
      this.doubt = fn
      return () => {}
    },
    onNetwork: (fn) => {
      this.#networks.add(fn)
      return () => this.#networks.delete(fn)
    },
  }
}
