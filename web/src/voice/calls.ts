import { answer, api, me } from '../api'
import { listenOwn } from '../realtime/connection'
import { Calls } from './call-desk'
import type { CallEdge } from './call-edge'
import type { Tonight } from './call-state'
import { captureTalk, keepsNoise, rememberDevice, rememberNoise } from './capture'
import { play } from './earcons'
import { setVoice } from './levels'
import { Playback } from './playback'
import { session } from './session'

export type { CallsState } from './call-state'
export { keepsNoise }

/** Gone with the tab. */
const CALL = 'heyy.call'
const TONIGHT = 'heyy.call.tonight'
const SPEAKER = 'heyy.speaker'

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
playback.output(recall(device, SPEAKER) ?? '')

const edge: CallEdge = {
  server: {
    lounge: () => answer(api.GET('/api/call')),
    enter: (body) => answer(api.POST('/api/call/queue', { body })),
    stay: () => answer(api.PUT('/api/call/queue')),
    cancel: () => answer(api.DELETE('/api/call/queue')),
    reach: (reach) => answer(api.PUT('/api/call/reach', { body: { reach } })),
    bell: (on) => answer(api.PUT('/api/call/bell', { body: { on } })),
    hour: (hour, coming) =>
      answer(api.PUT('/api/call/hours/{hour}', { params: { path: { hour } }, body: { coming } })),
    ring: (person) =>
      answer(api.POST('/api/people/{person}/call', { params: { path: { person } } })),
    call: (call) => answer(api.GET('/api/calls/{call}', path(call))),
    join: (call) => answer(api.POST('/api/calls/{call}/join', path(call))),
    accept: (call) => answer(api.POST('/api/calls/{call}/accept', path(call))),
    decline: (call) => answer(api.POST('/api/calls/{call}/decline', path(call))),
    hears: (call) => answer(api.POST('/api/calls/{call}/hears', path(call))),
    more: (call) => answer(api.POST('/api/calls/{call}/more', path(call))),
    leave: (call) => answer(api.POST('/api/calls/{call}/leave', path(call))),
    microphone: (call, is) =>
      answer(api.PUT('/api/calls/{call}/microphone', { ...path(call), body: is })),
    choose: (call, choice, feedback) =>
      answer(api.PUT('/api/calls/{call}/choice', { ...path(call), body: { choice, ...feedback } })),
  },
  self() {
    const who = me.get()
    return who.status === 'in' ? who.me.id : ''
  },
  listen: listenOwn,
  media: () => import('./livekit').then((m) => m.openLine),
  capture: captureTalk,
  micKnown: () => recall(device, 'heyy.mic-checked') !== undefined,
  playback,
  setVoice,
  earcon: play,
  leaveRoom: () => session.leave(),
  own: () => performance.now(),
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
  visible: () => document.visibilityState === 'visible',
  onVisible(fn) {
    const changed = () => {
      if (document.visibilityState === 'visible') fn()
    }
    document.addEventListener('visibilitychange', changed)
    return () => document.removeEventListener('visibilitychange', changed)
  },
  kept: {
    call: () => recall(tab, CALL),
    keepCall: (id) => keep(tab, CALL, id),
    tonight: keptTonight,
    keepTonight: (wish) => keep(tab, TONIGHT, wish && JSON.stringify(wish)),
  },
}

/** The one Call of this page. */
export const calls = new Calls(edge)

/** Uses another microphone from now on. */
export function chooseMicrophone(deviceId: string): void {
  rememberDevice(deviceId)
  void calls.renewMic()
}

/** Takes the sounds around a voice out of it, or leaves them in. */
export function quietRoom(on: boolean): void {
  rememberNoise(!on)
  void calls.renewMic()
}

/** Whether this browser lets a page choose where it plays. */
export const choosesSpeaker = (): boolean =>
  typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype

export function speaker(): string {
  return recall(device, SPEAKER) ?? ''
}

export function playOn(deviceId: string): void {
  keep(device, SPEAKER, deviceId || undefined)
  playback.output(deviceId)
}
