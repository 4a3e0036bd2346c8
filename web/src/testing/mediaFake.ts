import { vi } from 'vitest'
import { Problem } from '../api'
import { Writable } from '../ui/store'
import type { Captured } from '../voice/capture'
import type { ConnectionEvent, MediaConnection, OpenConnection } from '../voice/mediaConnection'
import type { MediaDeps } from '../voice/mediaSession'
import { FakeTrack } from './track'

export const refusal = (code: string, status = 409) => new Problem({ code, status, detail: code })
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
export const settle = () => pass(0)
/** Somebody's voice; nobody listens to it. */
export const voiceTrack = () => new FakeTrack() as unknown as MediaStreamTrack

interface FakeConnection {
  on(event: ConnectionEvent): void
  /** What was asked of it, in order. */
  said: string[]
}

/** The audio of a world in which nothing happens by itself: connections, microphones, playback, network. */
export class MediaFake {
  mediaConnections: FakeConnection[] = []
  tracks: FakeTrack[] = []
  /** Whose voices are played. */
  heard = new Map<string, MediaStreamTrack>()
  mayPublish = true
  #networks = new Set<(there: boolean) => void>()
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

  open = vi.fn<OpenConnection>(async (_url, _token, on): Promise<MediaConnection> => {
    const connection: FakeConnection = { on, said: [] }
    this.mediaConnections.push(connection)
    return {
      publish: async (_, muted) => {
        if (!this.mayPublish) throw new Error('not yet')
        connection.said.push(muted ? 'publish muted' : 'publish')
      },
      setMuted: (muted) => void connection.said.push(muted ? 'mute' : 'unmute'),
      unpublish: () => void connection.said.push('unpublish'),
      close: () => void connection.said.push('close'),
    }
  })
  /** What the browser answers to whoever wants the microphone. */
  captured = async (): Promise<Captured> => {
    const track = new FakeTrack()
    this.tracks.push(track)
    // A stand-in with all the members a session touches.
    return { track: track as unknown as MediaStreamTrack }
  }

  readonly media: MediaDeps = {
    media: async () => this.open,
    capture: () => this.captured(),
    self: () => 'me',
    playback: {
      state: new Writable<'ok' | 'blocked'>('ok'),
      add: (id, track) => void this.heard.set(id, track),
      remove: (id) => void this.heard.delete(id),
      clear: () => this.heard.clear(),
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
    onNetwork: (fn) => {
      this.#networks.add(fn)
      return () => this.#networks.delete(fn)
    },
  }
}
