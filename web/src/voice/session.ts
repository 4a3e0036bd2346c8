import { useSyncExternalStore } from 'react'
import { answer, api, me, Problem, type Room } from '../api'
import { listen } from '../realtime/connection'
import { type Readable, Writable } from '../ui/store'
import { captureTalk } from './capture'
import { play } from './earcons'
import type { Edge } from './edge'
import { setVoice } from './levels'
import { Playback } from './playback'
import type { RoomState } from './state'
import { Stay } from './stay'

export type { RoomState } from './state'

/** Commands never reject: they resolve with what went wrong, or with nothing. */
export type Outcome = Promise<Problem | undefined>

export interface Session extends Readable<RoomState> {
  /** Loads what a room needs. Cheap to call twice: when the lobby rests, when a card is touched. */
  prepare(): void
  /** Enters a room, muted, leaving the one we are in. */
  join(roomId: string): Promise<void>
  leave(): void
  /** Takes a seat, the first free one unless given. The microphone opens muted. */
  sit(seat?: number): Outcome
  stand(): Outcome
  setMuted(muted: boolean): Outcome
  moveBack(personId: string): Outcome
  letSit(personId: string): Outcome
  remove(personId: string): Outcome
  end(): Outcome
  /** Puts a failure or an end out of sight. */
  dismiss(): void
  /** Asks for the microphone again after 'denied' or 'missing'. */
  retryMic(): Promise<void>
  /** From a tap, when the browser blocks sound. */
  resumePlayback(): void
}

/** The room to come back to after a reload; gone with the tab. */
const ROOM = 'heyy.room'

function remember(roomId: string | undefined): void {
  try {
    if (roomId === undefined) sessionStorage.removeItem(ROOM)
    else sessionStorage.setItem(ROOM, roomId)
  } catch {
    // Without storage a reload leaves the room, that is all.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(ROOM)
  } catch {
    return null
  }
}

const path = (room: string) => ({ params: { path: { room } } })
const playback = new Playback()

const server: Edge['server'] = {
  join: (room) => answer(api.POST('/api/rooms/{room}/join', path(room))),
  leave: (room) => api.POST('/api/rooms/{room}/leave', path(room)),
  read: (room) => answer(api.GET('/api/rooms/{room}', path(room))),
  microphone: (room, muted) =>
    answer(api.PUT('/api/rooms/{room}/microphone', { ...path(room), body: { muted } })),
  sit: (room, seat) =>
    answer(
      api.PUT('/api/rooms/{room}/seat', {
        ...path(room),
        body: seat === undefined ? {} : { seat },
      }),
    ),
  stand: (room) => answer(api.DELETE('/api/rooms/{room}/seat', path(room))),
}

const edge: Edge = {
  server,
  self() {
    const who = me.get()
    return who.status === 'in' ? who.me.id : ''
  },
  listen,
  media: () => import('./livekit').then((m) => m.openLine),
  capture: captureTalk,
  playback,
  setVoice,
  earcon: play,
  later(fn, ms) {
    const timer = setTimeout(fn, ms)
    return () => clearTimeout(timer)
  },
  onNetwork(fn) {
    const back = () => fn(true)
    const gone = () => fn(false)
    window.addEventListener('online', back)
    window.addEventListener('offline', gone)
    return () => {
      window.removeEventListener('online', back)
      window.removeEventListener('offline', gone)
    }
  },
}

const state = new Writable<RoomState>({ status: 'none' })
let stay: Stay | undefined

function show(next: RoomState): void {
  if (next.status === 'live') remember(next.roomId)
  else if (next.status !== 'joining') remember(undefined)
  state.set(next)
}

function enter(roomId: string): Promise<void> {
  const mine = new Stay(roomId, edge, (next) => {
    if (stay === mine) show(next)
  })
  stay = mine
  return mine.enter()
}

function drop(): void {
  stay?.close()
  stay = undefined
}

/** Runs one command about the current room and takes its answer as news about it. */
async function command(run: (roomId: string) => Promise<Room>): Outcome {
  const mine = stay
  if (!mine || state.get().status !== 'live') return undefined
  try {
    mine.answered(await run(mine.roomId))
    return undefined
  } catch (thrown) {
    const problem = Problem.of(thrown)
    // Whatever was refused, our picture of the room was not the server's.
    if (problem.code !== 'offline') mine.refetch()
    return problem.code === 'command.applied' ? undefined : problem
  }
}

const about = (room: string, person: string) => ({ params: { path: { room, person } } })

/** The one live room of this page. It lives outside React, so that walking around does not cut it. */
export const session: Session = {
  get: state.get,
  subscribe: state.subscribe,

  prepare() {
    // A first try that fails costs nothing: joining loads it again.
    import('./livekit').then((m) => m.warm()).catch(() => undefined)
  },

  async join(roomId) {
    const now = state.get()
    if (now.status === 'live' || now.status === 'joining') {
      if (now.roomId === roomId) return
      session.leave()
    }
    drop()
    await enter(roomId)
  },

  leave() {
    const mine = stay
    const { status } = state.get()
    if (!mine || (status !== 'live' && status !== 'joining')) return
    drop()
    show({ status: 'none' })
    // Nobody waits for the goodbye; if it is lost, the server notices that we are gone.
    server.leave(mine.roomId).catch(() => undefined)
  },

  sit: (seat) => command((room) => server.sit(room, seat)),
  stand: () => command((room) => server.stand(room)),
  setMuted: async (muted) => stay?.microphone.setMuted(muted),
  moveBack: (person) =>
    command((room) =>
      answer(api.POST('/api/rooms/{room}/people/{person}/move-back', about(room, person))),
    ),
  letSit: (person) =>
    command((room) =>
      answer(api.POST('/api/rooms/{room}/people/{person}/let-sit', about(room, person))),
    ),
  remove: (person) =>
    command((room) =>
      answer(api.POST('/api/rooms/{room}/people/{person}/remove', about(room, person))),
    ),

  async end() {
    const mine = stay
    if (!mine) return undefined
    try {
      await api.POST('/api/rooms/{room}/end', path(mine.roomId))
    } catch (thrown) {
      const problem = Problem.of(thrown)
      if (problem.code !== 'command.applied') return problem
    }
    mine.finish('host')
    return undefined
  },

  dismiss() {
    const { status } = state.get()
    if (status !== 'failed' && status !== 'ended') return
    drop()
    show({ status: 'none' })
  },

  retryMic: async () => stay?.microphone.retry(),
  resumePlayback: () => playback.resume(),
}

export function useSession(): RoomState {
  return useSyncExternalStore(session.subscribe, session.get)
}

/** After a reload, back into the room we were in, muted. If that fails nobody asked, so nothing is said. */
async function comeBack(roomId: string): Promise<void> {
  await session.join(roomId)
  const now = state.get()
  if (now.status === 'failed' && now.roomId === roomId) session.dismiss()
}

let before = me.get().status
function followMe(): void {
  const now = me.get().status
  if (now === before) return
  const first = before === 'loading' || before === 'offline'
  before = now
  if (now === 'in') {
    const roomId = remembered()
    if (first && roomId && state.get().status === 'none') void comeBack(roomId)
    const rest = globalThis.requestIdleCallback ?? ((fn: () => void) => setTimeout(fn, 1500))
    rest(() => session.prepare())
  } else if (now === 'out') {
    drop()
    show({ status: 'none' })
  }
}
me.subscribe(followMe)
