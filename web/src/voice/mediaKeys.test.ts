import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { people } from '../testing/page'
import { Writable } from '../ui/store'
import { type MediaControls, ownMediaKeys } from './mediaKeys'
import { publicControls } from './publicControls'
import type { PublicListeningState } from './publicListening'
import { roomControls } from './roomControls'
import type { RoomState } from './session'

/** The system's media session, as far as it is told. */
class FakeKeys {
  metadata: { title: string; artist: string } | null = null
  playbackState = 'none'
  handlers = new Map<string, MediaSessionActionHandler>()
  setActionHandler(action: MediaSessionAction, handler: MediaSessionActionHandler | null) {
    if (action === 'skipad') throw new TypeError('not in this browser')
    if (handler) this.handlers.set(action, handler)
    else this.handlers.delete(action)
  }
  setPositionState() {}
  press(action: MediaSessionAction) {
    this.handlers.get(action)?.({ action })
  }
}

let keys: FakeKeys
let stop = () => {}
const own = (...owners: Parameters<typeof ownMediaKeys>[0]) => {
  stop = ownMediaKeys(owners, keys as unknown as MediaSession)
}
const controls = (title: string, more: Partial<MediaControls> = {}): MediaControls => ({
  key: title,
  title,
  artist: 'Heyy',
  playing: true,
  actions: {},
  ...more,
})

beforeEach(() => {
  keys = new FakeKeys()
  vi.stubGlobal(
    'MediaMetadata',
    class {
      constructor(of: object) {
        Object.assign(this, of)
      }
    },
  )
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
})

it('has one owner at a time: the first that has something to control', () => {
  const room = new Writable<MediaControls | undefined>(undefined)
  const pause = vi.fn()
  const recording = new Writable<MediaControls | undefined>(
    controls('Intro', { actions: { pause, nexttrack() {}, skipad() {} } }),
  )
  own(room, recording)
  expect(keys.metadata).toMatchObject({ title: 'Intro' })
  const silence = vi.fn()
  room.set(controls('Night owls', { actions: { pause: silence } }))
  expect(keys.metadata).toMatchObject({ title: 'Night owls' })
  expect([...keys.handlers.keys()]).toEqual(['pause'])
  keys.press('pause')
  expect([silence.mock.calls.length, pause.mock.calls.length]).toEqual([1, 0])
  recording.set(controls('Another intro'))
  expect(keys.metadata).toMatchObject({ title: 'Night owls' })
  room.set(undefined)
  expect(keys.metadata).toMatchObject({ title: 'Another intro' })
  recording.set(undefined)
  expect(keys).toMatchObject({ metadata: null, playbackState: 'none' })
  expect(keys.handlers.size).toBe(0)
})

it('shows whether it plays, and lets everything go at the end', () => {
  const one = new Writable<MediaControls | undefined>(controls('Intro'))
  own(one)
  expect(keys.playbackState).toBe('playing')
  one.set(controls('Intro', { playing: false }))
  expect(keys.playbackState).toBe('paused')
  stop()
  expect(keys).toMatchObject({ metadata: null, playbackState: 'none' })
  one.set(controls('Too late'))
  expect(keys.metadata).toBeNull()
})

it('silences a room with pause, lets it be heard with play, and leaves with stop', () => {
  const state = new Writable<RoomState>({ status: 'none' })
  const silenced = new Writable(false)
  const leave = vi.fn()
  own(roomControls({ ...state, silenced, silence: silenced.set, leave }))
  expect(keys.metadata).toBeNull()
  const room = people.room(people.listening)
  const live = {
    status: 'live',
    roomId: room.id,
    room,
    you: people.listening,
    connection: 'connected',
    mic: 'off',
    playback: 'ok',
  } as const
  state.set(live)
  expect(keys.metadata).toMatchObject({ title: room.title, artist: room.host.name })
  keys.press('pause')
  expect(silenced.get()).toBe(true)
  expect(keys.playbackState).toBe('paused')
  keys.press('play')
  expect(silenced.get()).toBe(false)
  state.set({ ...live, playback: 'blocked' })
  expect(keys.playbackState, 'the play key is the tap that the browser wants').toBe('paused')
  keys.press('stop')
  expect(leave).toHaveBeenCalledOnce()
})

it('shows a room that is heard without an account from the first tap, and stops it with pause', () => {
  const state = new Writable<PublicListeningState>({ status: 'idle' })
  const play = vi.fn(() => state.set({ status: 'playing' }))
  const stop = vi.fn(() => state.set({ status: 'idle' }))
  own(publicControls({ ...state, roomId: 'r', play, stop }, 'Night owls'))
  expect(keys.metadata, 'nothing was asked for').toBeNull()
  play()
  expect(keys.metadata).toMatchObject({ title: 'Night owls', artist: 'Heyy' })
  expect(keys.playbackState).toBe('playing')
  keys.press('pause')
  expect(stop).toHaveBeenCalledOnce()
  expect(keys.playbackState).toBe('paused')
  keys.press('play')
  expect(keys.playbackState).toBe('playing')
  state.set({ status: 'gone' })
  expect(keys.metadata).toBeNull()
})
