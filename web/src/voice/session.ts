import { useSyncExternalStore } from 'react'
import { answer, api, me, Problem, type RoomChange } from '../api'
import { listen, listenOwn } from '../realtime/connection'
import { type Readable, Writable } from '../ui/store'
import { browser } from './browser'
import { type Live, setLive } from './live'
import { Playback } from './playback'
import { RoomConnection } from './roomConnection'
import type { RoomDeps } from './roomDeps'
import type { Outcome, RoomState } from './state'

export type { RoomState } from './state'

export interface Session extends Readable<RoomState> {
  /** Loads what a room needs. Cheap to call twice: when the lobby rests, when a card is touched. */
  prepare(): void
  /** Enters a room, muted, leaving the one we are in. */
  join(roomId: string): Promise<void>
  /**
   * Falls silent and leaves at once. The room stays on screen until the page has gone elsewhere, if
   * it is on its way.
   */
  leave(away?: Promise<unknown>): void
  /** Takes a seat, the first free one unless given. The microphone opens muted. */
  sit(seat?: number): Outcome
  stand(): Outcome
  setMuted(muted: boolean): Outcome
  moveToAudience(personId: string): Outcome
  allowToSpeak(personId: string): Outcome
  remove(personId: string): Outcome
  end(): Outcome
  /** Puts a failure or an end out of sight. */
  dismiss(): void
  /** Reads the room anew: whom we may see has changed by our own doing. */
  refresh(): void
  /** Asks for the microphone again after 'denied' or 'missing'. */
  retryMic(): Promise<void>
  /** Another microphone was chosen, or its processing. */
  renewMic(): Promise<void>
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

const server: RoomDeps['server'] = {
  join: (room) => answer(api.POST('/api/rooms/{room}/join', path(room))),
  leave: (room) => api.POST('/api/rooms/{room}/leave', path(room)),
  read: (room) => answer(api.GET('/api/rooms/{room}', path(room))),
  changes: (room, since) =>
    answer(
      api.GET('/api/rooms/{room}/changes', {
        params: { ...path(room).params, query: { since } },
      }),
    ),
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

const deps: RoomDeps = { ...browser, server, listen, playback }

const state = new Writable<RoomState>({ status: 'none' })
let current: RoomConnection | undefined
let unlisten: (() => void) | undefined

function show(next: RoomState): void {
  if (next.status === 'live') remember(next.roomId)
  else if (next.status !== 'joining') remember(undefined)
  state.set(next)
  setLive('room', lineOf(next))
}

function lineOf(of: RoomState): Live | undefined {
  if (of.status !== 'live' && of.status !== 'joining') return undefined
  return {
    kind: 'room',
    ...(of.status === 'live' && { name: of.room.title }),
    mic: of.status === 'live' ? of.mic : 'off',
    setMuted: (muted) => void session.setMuted(muted),
    leave: () => session.leave(),
  }
}

function enter(roomId: string): Promise<void> {
  const mine = new RoomConnection(roomId, deps, (next) => {
    if (current === mine) show(next)
  })
  current = mine
  unlisten = listenOwn({
    event(said) {
      if (said.type === 'room_closed' && said.room_id === roomId) mine.finish('closed')
      if (said.type === 'room_changed' && said.room_id === roomId) mine.refresh()
    },
    // The room's own channel is read anew then.
    missed() {},
  })
  return mine.enter()
}

function drop(): void {
  current?.close()
  current = undefined
  unlisten?.()
  unlisten = undefined
}

/** Runs one command about the current room and takes its answer as news about it. */
async function command(run: (roomId: string) => Promise<RoomChange>): Outcome {
  const mine = current
  if (!mine || state.get().status !== 'live') return undefined
  return mine.command(() => run(mine.roomId))
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

  leave(away) {
    const mine = current
    const { status } = state.get()
    if (!mine || (status !== 'live' && status !== 'joining')) return
    drop()
    // Nobody waits for the goodbye; if it is lost, the server notices that we are gone.
    server.leave(mine.roomId).catch(() => undefined)
    const over = () => {
      if (!current) show({ status: 'none' })
    }
    if (away) away.then(over, over)
    else over()
  },

  sit: (seat) => command((room) => server.sit(room, seat)),
  stand: () => command((room) => server.stand(room)),
  setMuted: async (muted) => current?.microphone.setMuted(muted),
  moveToAudience: (person) =>
    command((room) =>
      answer(api.POST('/api/rooms/{room}/people/{person}/move-to-audience', about(room, person))),
    ),
  allowToSpeak: (person) =>
    command((room) =>
      answer(api.POST('/api/rooms/{room}/people/{person}/allow-to-speak', about(room, person))),
    ),
  remove: (person) =>
    command((room) =>
      answer(api.POST('/api/rooms/{room}/people/{person}/remove', about(room, person))),
    ),

  async end() {
    const mine = current
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

  refresh: () => current?.refresh(),

  dismiss() {
    const { status } = state.get()
    if (status !== 'failed' && status !== 'ended') return
    drop()
    show({ status: 'none' })
  },

  retryMic: async () => current?.microphone.retry(),
  renewMic: async () => current?.microphone.renew(),
  resumePlayback: () => playback.resume(),
}

interface Tap {
  button: number
  metaKey: boolean
  ctrlKey: boolean
  shiftKey: boolean
  altKey: boolean
}

/** For a link to a room: the tap is the wish to be in it, the address alone is none. */
export const entering = (roomId: string) => (tap: Tap) => {
  // One that opens another tab or window: that one asks.
  if (tap.button !== 0 || tap.metaKey || tap.ctrlKey || tap.shiftKey || tap.altKey) return
  void session.join(roomId)
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

/** By an address or a link, which may be anybody's; not by loading a page of this tab again. */
function arrived(): boolean {
  const [how] = performance.getEntriesByType('navigation')
  return how instanceof PerformanceNavigationTiming && how.type === 'navigate'
}

let before = me.get().status
function followMe(): void {
  const now = me.get().status
  if (now === before) return
  const first = before === 'loading' || before === 'offline'
  before = now
  if (now === 'in') {
    const roomId = remembered()
    if (first && roomId && !arrived() && state.get().status === 'none') void comeBack(roomId)
    const rest = globalThis.requestIdleCallback ?? ((fn: () => void) => setTimeout(fn, 1500))
    rest(() => session.prepare())
  } else if (now === 'out') {
    drop()
    show({ status: 'none' })
  }
}
me.subscribe(followMe)
