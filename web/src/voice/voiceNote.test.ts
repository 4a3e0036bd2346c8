import { beforeEach, expect, it } from 'vitest'
import { Writable } from '../ui/store'
import type { Recorder, RecorderState, Take } from './recorder'
import { type Blocked, type Fate, VoiceNote } from './voiceNote'

const take = { ms: 4000 } as Take
let state: Writable<RecorderState>
let ms: number
let now: number
let blocked: Blocked | undefined
let interrupted: Writable<boolean>
let fates: Fate[]
let quiet: number
let note: VoiceNote

beforeEach(() => {
  state = new Writable<RecorderState>({ at: 'ready' })
  ms = 4000
  now = 0
  blocked = undefined
  interrupted = new Writable(false)
  fates = []
  quiet = 0
  const recorder = {
    get: state.get,
    subscribe: state.subscribe,
    level: () => 0,
    ms: () => ms,
    bars: () => [],
    start: async () => state.set({ at: 'asking' }),
    stop: () => state.set(ms < 500 ? { at: 'missed', why: 'short' } : { at: 'taken', take }),
    again: () => state.set({ at: 'ready' }),
    close() {},
  } satisfies Recorder
  note = new VoiceNote({
    recorder,
    blocked: () => blocked,
    interrupted,
    quiet: () => quiet++,
    now: () => now,
    taken: (_, fate) => fates.push(fate),
  })
})

const opens = () => state.set({ at: 'recording' })
const hold = (for_ = 3000) => {
  note.press()
  opens()
  now += for_
}

it('records while the finger is down, and sends when it lets go', () => {
  hold()
  expect(note.get()).toEqual({ at: 'recording', locked: false })
  expect(quiet).toBe(1)
  note.release()
  expect(fates).toEqual(['send'])
  expect(note.get()).toEqual({ at: 'idle' })
})

it('goes on by itself after a tap, and the click of that tap does not send it', () => {
  hold(100)
  note.release()
  expect(note.get()).toEqual({ at: 'recording', locked: true })
  note.send()
  expect(fates).toEqual([])
  now += 2000
  note.send()
  expect(fates).toEqual(['send'])
})

it('goes on when the browser asked meanwhile and the finger is gone', () => {
  note.press()
  now += 5000
  note.release()
  opens()
  expect(note.get()).toEqual({ at: 'recording', locked: true })
})

it('locks, stops to listen, and throws away', () => {
  hold()
  note.lock()
  note.release()
  expect(note.get()).toEqual({ at: 'recording', locked: true })
  note.stop()
  hold()
  note.discard()
  expect(fates).toEqual(['keep', 'discard'])
})

it('says so when it was too short, unless it was thrown away', () => {
  ms = 200
  hold()
  note.release()
  expect(note.get()).toEqual({ at: 'missed', why: 'short' })
  hold()
  note.discard()
  expect(note.get()).toEqual({ at: 'idle' })
  expect(fates).toEqual([])
})

it('keeps what was said when a call comes, the time is over or the page goes', () => {
  hold()
  blocked = 'call'
  interrupted.set(true)
  expect(fates).toEqual(['keep'])
  note.press()
  expect(note.get()).toEqual({ at: 'refused', why: 'call' })

  blocked = undefined
  interrupted.set(false)
  hold()
  state.set({ at: 'taken', take, cut: 'left' })
  hold()
  window.dispatchEvent(new Event('pagehide'))
  hold()
  note.close()
  expect(fates).toEqual(['keep', 'keep', 'keep', 'keep'])
})

it('keeps what was said when the system takes the microphone, and says why it stopped', () => {
  hold()
  state.set({ at: 'taken', take, cut: 'interrupted' })
  expect(fates).toEqual(['keep'])
  expect(note.get()).toEqual({ at: 'missed', why: 'interrupted' })
})

it('does not record for somebody who is heard in a room', () => {
  blocked = 'seat'
  note.press()
  expect(note.get()).toEqual({ at: 'refused', why: 'seat' })
  expect(quiet).toBe(0)
  note.dismiss()
  expect(note.get()).toEqual({ at: 'idle' })
})
