import { answer, api, me } from '../api'
import { listenOwn } from '../realtime/connection'
import { Writable } from '../ui/store'
import { browser } from './browser'
import type { CallsState, Tonight } from './call-state'
import type { CallDeps } from './callDeps'
import { CallStore } from './callStore'
import { keepsNoise, rememberDevice, rememberNoise } from './capture'
import { type Live, setCalling, setLive } from './live'
import { Playback } from './playback'
import { session } from './session'

export type { CallsState } from './call-state'
export { keepsNoise }

/** Gone with the tab. */
const CALL = 'heyy.call'
const TONIGHT = 'heyy.call.tonight'

function recall(storage: () => Storage, key: string): string | undefined {
  try {
    return storage().getItem(key) ?? undefined
  } catch {
    return undefined
  }
}

function keep(storage: () => Storage, key: string, value: string | undefined): void {
  try {
    if (value === undefined) storage().removeItem(key)
    else storage().setItem(key, value)
  } catch {
    // Without storage a reload forgets, that is all.
  }
}

const tab = () => sessionStorage
const device = () => localStorage

function keptTonight(): { tonight: Tonight; at: number } | undefined {
  try {
    // Written by keepTonight below and nobody else.
    return JSON.parse(recall(tab, TONIGHT) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

const path = (call: string) => ({ params: { path: { call } } })
const playback = new Playback()

/** The room that was left for a call, to go back to; until another one is entered. */
export const roomBefore = new Writable<{ id: string; title: string } | undefined>(undefined)

/** One microphone at a time: out of the room this window is in. */
export function leaveForCall(): void {
  const now = session.get()
  // The server takes both out of their rooms, and the word of that may come before that of the call.
  const room = now.status === 'live' || now.status === 'ended' ? now.room : undefined
  if (room) roomBefore.set({ id: room.id, title: room.title })
  session.leave()
  if (now.status === 'ended') session.dismiss()
}
session.subscribe(() => {
  const { status } = session.get()
  if (status === 'live' || status === 'joining') roomBefore.set(undefined)
})

const deps: CallDeps = {
  ...browser,
  server: {
    queue: () => answer(api.GET('/api/call')),
    enter: (body) => answer(api.POST('/api/call/queue', { body })),
    heartbeat: () => answer(api.PUT('/api/call/queue')),
    cancel: () => answer(api.DELETE('/api/call/queue')),
    callPrivacy: (call_privacy) => answer(api.PUT('/api/call/privacy', { body: { call_privacy } })),
    alert: (on) => answer(api.PUT('/api/call/alert', { body: { on } })),
    hour: (hour, coming) =>
      answer(api.PUT('/api/call/hours/{hour}', { params: { path: { hour } }, body: { coming } })),
    ring: (person) =>
      answer(api.POST('/api/people/{person}/call', { params: { path: { person } } })),
    call: (call) => answer(api.GET('/api/calls/{call}', path(call))),
    join: (call) => answer(api.POST('/api/calls/{call}/join', path(call))),
    accept: (call) => answer(api.POST('/api/calls/{call}/accept', path(call))),
    decline: (call) => answer(api.POST('/api/calls/{call}/decline', path(call))),
    audioReceived: (call) => answer(api.POST('/api/calls/{call}/audio-received', path(call))),
    extend: (call) => answer(api.POST('/api/calls/{call}/extend', path(call))),
    leave: (call) => answer(api.POST('/api/calls/{call}/leave', path(call))),
    microphone: (call, is) =>
      answer(api.PUT('/api/calls/{call}/microphone', { ...path(call), body: is })),
    choose: (call, choice, feedback) =>
      answer(api.PUT('/api/calls/{call}/choice', { ...path(call), body: { choice, ...feedback } })),
  },
  listen: listenOwn,
  micKnown: () => recall(device, 'heyy.mic-checked') !== undefined,
  playback,
  leaveRoom: () => leaveForCall(),
  own: () => performance.now(),
  visible: () => document.visibilityState === 'visible',
  onVisible(fn) {
    const changed = () => {
      if (document.visibilityState === 'visible') fn()
    }
    document.addEventListener('visibilitychange', changed)
    return () => document.removeEventListener('visibilitychange', changed)
  },
  persisted: {
    call: () => recall(tab, CALL),
    keepCall: (id) => keep(tab, CALL, id),
    tonight: keptTonight,
    keepTonight: (wish) => keep(tab, TONIGHT, wish && JSON.stringify(wish)),
  },
}

/** The one Call of this page. */
export const calls = new CallStore(deps)

const away = ['none', 'away', 'elsewhere']

function lineOf({ call, audio }: CallsState): Live | undefined {
  if (!call || call.state === 'ended' || away.includes(audio.connection)) return undefined
  return {
    kind: 'call',
    name: call.person.name,
    mic: audio.mic,
    setMuted: (muted) => void calls.setMuted(muted),
    leave: () => void (call.accepted || call.mine ? calls.leave() : calls.decline()),
  }
}
calls.subscribe(() => {
  const now = calls.get()
  setLive('call', lineOf(now))
  setCalling(now.ringing !== undefined || (now.call !== undefined && now.call.state !== 'ended'))
})

// It follows the account and no component: a page that fails must not hang up.
let stop: (() => void) | undefined
function followMe(): void {
  const who = me.get().status
  if (who === 'in') stop ??= calls.start()
  else if (who === 'out') {
    stop?.()
    stop = undefined
    roomBefore.set(undefined)
  }
}
me.subscribe(followMe)
followMe()

/** Uses another microphone from now on. */
export function chooseMicrophone(deviceId: string): void {
  rememberDevice(deviceId)
  renew()
}

/** Takes the sounds around a voice out of it, or leaves them in. */
export function quietRoom(on: boolean): void {
  rememberNoise(!on)
  renew()
}

function renew(): void {
  void calls.renewMic()
  void session.renewMic()
}
