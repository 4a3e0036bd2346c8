import { useSyncExternalStore } from 'react'
import { answer, api, me, Problem, postOffer, type Room, type RoomChange } from '../api'
import type { EntryChange } from '../api/types'
import { listen, listenOwn } from '../realtime/connection'
import { withoutTalk } from '../realtime/roomTalk'
import { type Readable, Writable } from '../ui/store'
import { browser } from './browser'
import { captureMusic } from './capture'
import { isCalling, type Live, setLive } from './live'
import type { Path } from './mediaConnection'
import { RoomMix } from './mix'
import { Playback } from './playback'
import { RoomConnection } from './roomConnection'
import type { RoomDeps } from './roomDeps'
import type { Outcome, RoomState } from './state'
import { warmOfferLater } from './whep'

export type { RoomState } from './state'

/** The commands of hosts about one person, as the server names them. */
export const hostActions = [
  'move-to-audience',
  'allow-to-speak',
  'remove',
  'ban',
  'invite',
  'lower-hand',
  'mute',
  'allow-to-unmute',
  'mute-chat',
  'allow-to-write',
  'make-co-host',
  'unmake-co-host',
  'hand-over',
] as const
export type HostAction = (typeof hostActions)[number]

/** The pauses that hosts can choose for the chat. */
export type SlowSeconds = 0 | 10 | 30 | 60

/** A room that we ask to be let into from another one, which we are in until it has let us in. */
export interface Move {
  roomId: string
  /** Why it has not. */
  problem?: Problem
}

export interface Session extends Readable<RoomState> {
  /**
   * Enters a room, muted, with its PIN, if it asks for one. We leave the one we are in only once the new
   * one has let us in.
   */
  join(roomId: string, pin?: string): Promise<void>
  readonly move: Readable<Move | undefined>
  /**
   * Falls silent and leaves at once. The room stays on screen until the page has gone elsewhere, if
   * it is on its way.
   */
  leave(away?: Promise<unknown>): void
  /** A seat is about to be taken, or not after all: connects to talk ahead. */
  prepareSeat(on: boolean): void
  /** Takes a seat, the first free one unless given. The microphone opens muted. */
  sit(seat?: number): Outcome
  stand(): Outcome
  setMuted(muted: boolean): Outcome
  /** What a host does to somebody. */
  host(action: HostAction, personId: string): Outcome
  /** Asks to speak; with a note for hosts. */
  raiseHand(note?: string): Outcome
  lowerHand(): Outcome
  /** Answers an invitation to speak: takes the first free seat, or declines. */
  answerInvitation(accept: boolean): Outcome
  /** Says who may raise a hand. */
  setHands(hands: Room['hands']): Outcome
  /** Says who comes in from now on. */
  setEntry(change: EntryChange): Outcome
  /** Keeps a free seat for hosts, or opens it again. */
  lockSeat(seat: number, locked: boolean): Outcome
  /** Changes the title, the topic or the pinned link; an empty link takes it away. */
  edit(change: { title?: string; category?: Room['category']; link?: string }): Outcome
  /** Turns the chat on or off, and says how many seconds lie between two messages of one person. */
  setChat(chat: Room['chat'], slow: SlowSeconds): Outcome
  /** Takes back what a host has done. */
  undo(entry: string): Outcome
  /** Lets anybody with the link listen, without an account, or no longer. */
  share(shared: boolean): Outcome
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
  /** Whether what is heard was silenced, by a headset's key for example. Leaving lets it be heard again. */
  readonly silenced: Readable<boolean>
  /** Silences the room here, or lets it be heard again. To be heard again: from a tap or a key. */
  silence(silenced: boolean): void
  /**
   * Quiet for oneself: silences the room and closes the microphone, or undoes both. The microphone opens
   * again only if it was open, and nothing has closed it meanwhile.
   */
  quiet(quiet: boolean): void
  /** Whether the microphone carries music here: as it comes, and in stereo. For this stay. */
  readonly music: Readable<boolean>
  setMusic(on: boolean): void
  /** How the sound of the room comes; undefined: it does not, or that is not known. */
  path(): Promise<Path | undefined>
}

/** The stay to come back to after a reload; gone with the tab. */
const STAY = 'heyy.stay'

interface Stay {
  roomId: string
  silenced: boolean
}

function remember(stay: Stay | undefined): void {
  try {
    if (stay === undefined) sessionStorage.removeItem(STAY)
    else sessionStorage.setItem(STAY, JSON.stringify(stay))
  } catch {
    // Without storage a reload leaves the room, that is all.
  }
}

function remembered(): Stay | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(STAY) ?? '') as Stay
  } catch {
    return undefined
  }
}

/**
 * The windows of this browser share one sign-in, so the server cannot tell them apart: the one that enters a
 * room says so, and another one that is in it gives way.
 */
const windows =
  typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('heyy.room')
windows?.addEventListener('message', ({ data }) => {
  if (current?.roomId === data) current?.finish('elsewhere')
})

const path = (room: string) => ({ params: { path: { room } } })
const playback = new Playback(new RoomMix())

async function ask(room: string, offer?: string, pin?: string) {
  const body = { ...(offer === undefined ? {} : { offer }), ...(pin === undefined ? {} : { pin }) }
  const joined = await answer(api.POST('/api/rooms/{room}/join', { ...path(room), body }))
  windows?.postMessage(room)
  return joined
}

type Joined = Awaited<ReturnType<typeof ask>>

const server: RoomDeps['server'] = {
  join: (room, offer) => ask(room, offer),
  listen: postOffer,
  connect: (room) => answer(api.POST('/api/rooms/{room}/connect', path(room))),
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

const music = new Writable(false)
const deps: RoomDeps = {
  ...browser,
  capture: () => (music.get() ? captureMusic() : browser.capture()),
  server,
  calling: isCalling,
  listen: (channel, listener) =>
    listen(channel, withoutTalk(channel.slice('room:'.length), listener)),
  playback,
}

const state = new Writable<RoomState>({ status: 'none' })
const move = new Writable<Move | undefined>(undefined)
let current: RoomConnection | undefined
/** A move to another room that has no answer yet. */
let moving: Promise<unknown> | undefined
let unlisten: (() => void) | undefined
/** The microphone was open when its person went quiet. */
let reopens = false

function show(next: RoomState): void {
  // Off stage, taken, pulled out, muted by a host: it is no longer what was closed.
  if (next.status !== 'live' || next.mic !== 'muted' || next.you.muted_by_host) reopens = false
  if (next.status === 'live') {
    remember({ roomId: next.roomId, silenced: playback.silenced.get() })
  } else if (next.status !== 'joining') remember(undefined)
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

function enter(roomId: string, pin?: string, joined?: Joined): Promise<void> {
  let known = joined
  const ways = {
    ...deps,
    server: {
      ...server,
      async join(r: string, offer?: string) {
        // Somebody who moved is in already.
        const first = known
        known = undefined
        if (first) return first
        // Going back into the room left behind would undo the move.
        await moving
        if (current !== mine) throw new DOMException('moved on', 'AbortError')
        // A right PIN is needed once; it opens the room for every later stay.
        return ask(r, offer, pin)
      },
    },
  }
  const mine = new RoomConnection(roomId, ways, (next) => {
    // Whoever moves is gone from here before the answer has come: no news for them.
    if (moving && next.status === 'ended') void moving.then(() => current === mine && show(next))
    else if (current === mine) show(next)
  })
  current = mine
  unlisten = listenOwn({
    event(said) {
      if (said.type === 'room_closed' && said.room_id === roomId) mine.finish('closed')
      if (said.type === 'room_changed' && said.room_id === roomId) mine.refresh()
      if (said.type === 'invited' && said.room_id === roomId) mine.refresh()
    },
    // The room's own channel is read anew then.
    missed() {},
  })
  return mine.enter()
}

function drop(): void {
  current?.close()
  playback.silence(false)
  music.set(false)
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

/** Runs one command about the current room that has no answer, then reads the room. */
async function edit(run: (roomId: string) => Promise<unknown>): Outcome {
  const mine = current
  if (!mine) return undefined
  try {
    await run(mine.roomId)
  } catch (thrown) {
    const problem = Problem.of(thrown)
    if (problem.code !== 'command.applied') return problem
  }
  mine.refresh()
  return undefined
}

/** The one live room of this page. It lives outside React, so that walking around does not cut it. */
export const session: Session = {
  get: state.get,
  subscribe: state.subscribe,

  async join(roomId, pin) {
    const now = state.get()
    const asked = { roomId }
    let joined: Joined | undefined
    move.set(undefined)
    if (now.status === 'live' && now.roomId !== roomId) {
      move.set(asked)
      try {
        const answered = ask(roomId, undefined, pin)
        const settled = answered.then(
          () => undefined,
          () => undefined,
        )
        moving = settled
        void settled.then(() => {
          if (moving === settled) moving = undefined
        })
        joined = await answered
      } catch (thrown) {
        if (move.get() === asked) move.set({ roomId, problem: Problem.of(thrown) })
        return
      }
      if (move.get() !== asked) return
      move.set(undefined)
    } else if (now.status === 'live' || now.status === 'joining') {
      if (now.roomId === roomId) return
      session.leave()
    }
    drop()
    await enter(roomId, pin, joined)
  },
  move,

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

  prepareSeat: (on) => current?.prepareSeat(on),
  async sit(seat) {
    const mine = current
    // Without a check of the microphone before: connected while the server decides.
    mine?.prepareSeat(true)
    const problem = await command((room) => server.sit(room, seat))
    if (problem) mine?.prepareSeat(false)
    return problem
  },
  stand: () => command((room) => server.stand(room)),
  async setMuted(muted) {
    reopens = false
    const now = state.get()
    // Only a host lets them; the server would say no, and until then they would be heard.
    if (!muted && now.status === 'live' && now.you.muted_by_host) return undefined
    // Nobody talks to people whom they silenced and forgot.
    if (!muted && playback.silenced.get()) session.silence(false)
    return current?.microphone.setMuted(muted)
  },
  host: (action, person) =>
    command((room) =>
      answer(api.POST(`/api/rooms/{room}/people/{person}/${action}`, about(room, person))),
    ),
  raiseHand: (note) =>
    command((room) =>
      answer(
        api.PUT('/api/rooms/{room}/hand', { ...path(room), body: note ? { about: note } : {} }),
      ),
    ),
  lowerHand: () => command((room) => answer(api.DELETE('/api/rooms/{room}/hand', path(room)))),
  async answerInvitation(accept) {
    const mine = current
    if (accept) mine?.prepareSeat(true)
    const problem = await command((room) =>
      answer(api.PUT('/api/rooms/{room}/invitation', { ...path(room), body: { accept } })),
    )
    if (problem && accept) mine?.prepareSeat(false)
    mine?.refresh()
    return problem
  },
  setHands: (hands) =>
    edit((room) => api.PUT('/api/rooms/{room}/hands', { ...path(room), body: { hands } })),
  setEntry: (body) =>
    edit((room) => api.PATCH('/api/rooms/{room}/access', { ...path(room), body })),
  lockSeat: (seat, locked) =>
    edit((room) =>
      api.PUT('/api/rooms/{room}/seats/{seat}/lock', {
        params: { path: { room, seat } },
        body: { locked },
      }),
    ),
  edit: (change) => edit((room) => api.PATCH('/api/rooms/{room}', { ...path(room), body: change })),
  setChat: (chat, slow) =>
    edit((room) =>
      api.PUT('/api/rooms/{room}/chat', { ...path(room), body: { chat, slow_seconds: slow } }),
    ),
  undo: (entry) =>
    edit((room) =>
      api.POST('/api/rooms/{room}/log/{entry}/undo', { params: { path: { room, entry } } }),
    ),

  share: (shared) =>
    edit((room) => api.PUT('/api/rooms/{room}/sharing', { ...path(room), body: { shared } })),

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
    move.set(undefined)
    const { status } = state.get()
    if (status !== 'failed' && status !== 'ended') return
    drop()
    show({ status: 'none' })
  },

  retryMic: async () => current?.microphone.retry(),
  renewMic: async () => current?.microphone.renew(),
  resumePlayback: () => playback.resume(),
  silenced: playback.silenced,
  silence(silenced) {
    reopens = false
    playback.silence(silenced)
    const now = state.get()
    if (now.status === 'live') remember({ roomId: now.roomId, silenced })
  },
  quiet(quiet) {
    const now = state.get()
    const open = now.status === 'live' && now.mic === 'open'
    if (quiet) {
      if (open) void session.setMuted(true)
      session.silence(true)
      reopens = open
    } else if (reopens) void session.setMuted(false)
    else session.silence(false)
  },
  music,
  setMusic(on) {
    if (music.get() === on) return
    music.set(on)
    void session.renewMic()
  },
  path: async () => current?.path(),
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

/**
 * After a reload, back into the room we were in, muted, and silent if it was silenced. If that fails nobody
 * asked, so nothing is said.
 */
async function comeBack({ roomId, silenced }: Stay): Promise<void> {
  const joined = session.join(roomId)
  playback.silence(silenced)
  await joined
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
    const stay = remembered()
    if (first && stay && !arrived() && state.get().status === 'none') void comeBack(stay)
    warmOfferLater()
  } else if (now === 'out') {
    drop()
    show({ status: 'none' })
  }
}
me.subscribe(followMe)
