import { vi } from 'vitest'
import {
  type Listen,
  type Member,
  Problem,
  type Room,
  type RoomChange,
  type RoomChanges,
  type RoomJoined,
} from '../api'
import type { MemberEvent } from '../api/types'
import type { Listener } from '../realtime/connection'
import type { RoomEvent } from '../realtime/room'
import { RoomConnection } from '../voice/roomConnection'
import type { RoomDeps } from '../voice/roomDeps'
import type { RoomState } from '../voice/state'
import { MediaFake } from './mediaFake'

export const member = (id: string, more: Partial<Member> = {}): Member => ({
  person: { id, name: id, resident: false, verified: false },
  role: 'listener',
  muted: true,
  can_speak: true,
  present: true,
  ...more,
})
export const seated = (more: Partial<Member> = {}) =>
  member('me', { role: 'speaker', seat: 2, ...more })
export const roomWith = (seq: number, you?: Member, more: Partial<Room> = {}): Room => ({
  id: 'r',
  title: 'Night owls',
  category: 'talk',
  language: 'en',
  seq,
  created_at: 1,
  host: member('host').person,
  shape: 'lounge',
  hands: 'open',
  chat: 'on',
  access: 'open',
  audience: true,
  locked: [],
  seats: 10,
  listeners: 1,
  members: you ? [you] : [],
  ...(you ? { you } : {}),
  ...more,
})

/** Let in: without a seat to listen, with one to talk. */
export const listening = (room: Room): RoomJoined => ({
  room,
  listen: { answer: 'sdp', url: '/1' },
})
export const talking = (room: Room): RoomJoined => ({ room, media: { url: '/', token: 't2' } })

/** The server of a world in which nothing happens by itself, and one person's stay in its room. */
export class RoomFake extends MediaFake {
  listener: Listener<RoomEvent> | undefined
  shown: RoomState[] = []
  earcons: string[] = []
  /** Whether a call rings or goes on. */
  calls = false
  joins = vi.fn(
    async (_offer?: string): Promise<RoomJoined> => listening(roomWith(1, member('me'))),
  )
  /** Listen anew within the stay. */
  listens = vi.fn(async (_offer: string): Promise<Listen> => ({ answer: 'sdp', url: '/2' }))
  connects = vi.fn(async () => ({ media: { url: '/', token: 't' } }))
  read = vi.fn(async () => roomWith(1, member('me')))
  /** The server remembers nothing, unless a test says otherwise. */
  changes = vi.fn(async (_since: number): Promise<RoomChanges> => {
    throw new Problem({ code: 'live.too_old', status: 410, detail: '' })
  })
  /** What the server was told of the microphone: muted or not. */
  told: boolean[] = []
  microphone = vi.fn(async (_: string, muted: boolean) => {
    this.told.push(muted)
    return this.#changed(muted ? 'muted' : 'unmuted', seated({ muted }))
  })
  deps: RoomDeps = {
    ...this.media,
    server: {
      join: (_, offer) => this.joins(offer),
      listen: (_, offer) => this.listens(offer),
      connect: () => this.connects(),
      leave: async () => {},
      read: () => this.read(),
      changes: (_, since) => this.changes(since),
      microphone: (room, muted) => this.microphone(room, muted),
      sit: async () => this.#changed('sat', seated()),
      stand: async () => this.#changed('stood', member('me')),
    },
    listen: (_, listener) => {
      this.listener = listener
      return () => {
        this.listener = undefined
      }
    },
    earcon: (name) => void this.earcons.push(name),
    calling: () => this.calls,
  }
  connection = new RoomConnection('r', this.deps, (state) => this.shown.push(state))

  /** What the server answers: the change that follows the room as it was shown last. */
  #changed(cause: RoomChange['cause'], of: Member): RoomChange {
    const last = this.shown.at(-1)
    const seq = (last?.status === 'live' ? last.room.seq : 0) + 1
    return { seq, at: seq, ...(cause && { cause }), member: of }
  }

  get state(): RoomState {
    const last = this.shown.at(-1)
    if (!last) throw new Error('nothing shown')
    return last
  }
  sits = () => this.connection.command(() => this.deps.server.sit('r'))
  /** An event about one member arrives. */
  said(seq: number, cause: MemberEvent['cause'], m: Member): void {
    this.listener?.event({ type: 'member', seq, at: seq, cause, member: m })
  }
}
