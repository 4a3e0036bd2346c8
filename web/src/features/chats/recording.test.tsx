import { act, cleanup, fireEvent, render } from '@testing-library/react'
import type { ComponentProps } from 'react'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { startI18n } from '../../i18n'
import { outgoing } from '../../realtime/outgoing'
import { outgoingTo } from '../../realtime/queue'
import { Toaster } from '../../ui'
import type { Take } from '../../voice/recorder'
import { Composer } from './Composer'
import { answerMoment, keepTake } from './voices'

/** A microphone that hears something longer every time. */
vi.mock('../../voice/recorder', async () => {
  const { Writable } = await import('../../ui/store')
  let ms = 0
  return {
    newRecorder() {
      const state = new Writable<{ at: string }>({ at: 'ready' })
      return {
        get: state.get,
        subscribe: state.subscribe,
        level: () => 0,
        ms: () => ms,
        bars: () => [],
        start: async () => state.set({ at: 'recording' }),
        stop() {
          ms += 4000
          state.set(Object.assign({ at: 'taken', take: takeOf(ms) }))
        },
        again: () => state.set({ at: 'ready' }),
        close() {},
      }
    },
  }
})
const takeOf = (ms: number): Take => ({
  ms,
  bars: [0.2, 0.9],
  listen: '',
  raw: () => new ArrayBuffer(44),
  file: async () => new Blob(['opus']),
})

const ada = { id: 'ada', name: 'Ada' }
const talk = { typing() {}, typed() {}, edit: async () => undefined }
const draft = () => outgoing.get().drafts.get('ada')
const waiting = () => outgoingTo(outgoing.get(), 'ada')

beforeAll(() => startI18n('en'))
beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({
    matches: true,
    addEventListener() {},
    removeEventListener() {},
  }))
})
afterEach(() => {
  cleanup()
  outgoing.forget('ada')
  vi.unstubAllGlobals()
})

const props = {
  person: ada,
  talk,
  going: [],
  editing: undefined,
  onEdited() {},
  onRewrite() {},
  focus: false,
} as unknown as ComponentProps<typeof Composer>

const open = () =>
  render(
    <>
      <Composer {...props} />
      <Toaster />
    </>,
  )
/** By the words on it; asking for roles takes seconds here. */
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(
    (one) => (one.getAttribute('aria-label') ?? one.textContent) === name,
  )
const press = (name: string) =>
  act(async () => {
    const found = button(name)
    if (!found) throw new Error(`no button says ${name}`)
    fireEvent.click(found)
  })

it('takes the way back to a discarded recording away when the next one begins', async () => {
  open()
  await press('Record a voice message')
  await press('Discard recording')
  expect(button('Undo')).toBeTruthy()
  await press('Record a voice message')
  expect(button('Undo')).toBeUndefined()
  await press('Stop and listen first')
  const second = draft()?.voice?.ms

  await press('Discard recording')
  await press('Undo')
  expect(draft()?.voice?.ms).toBe(second)
})

/** Pressed by keys: what is pressed has the focus. */
const key = async (name: string) => {
  button(name)?.focus()
  await press(name)
  await act(() => new Promise((done) => setTimeout(done)))
}
const focused = () =>
  document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.tagName

it('keeps the focus when a recording ends, and when it is thrown away', async () => {
  open()
  await key('Record a voice message')
  await key('Stop and listen first')
  expect(focused()).toMatch(/^Play voice message/)
  await key('Discard recording')
  expect(focused()).toMatch(/^Message to/)

  await key('Record a voice message')
  await key('Discard recording')
  expect(focused()).toMatch(/^Message to/)
})

it('brings no keyboard up on a phone', async () => {
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addEventListener() {},
    removeEventListener() {},
  }))
  open()
  await key('Record a voice message')
  await key('Discard recording')
  expect(focused()).toBe('Record a voice message')
})

it('takes no focus that is elsewhere', async () => {
  await keepTake('ada', takeOf(4000), false)
  open()
  await act(() => new Promise((done) => setTimeout(done)))
  expect(document.activeElement).toBe(document.body)
})

it('stops by Escape, and keeps what was said; the page around it stays', async () => {
  const around = vi.fn()
  document.addEventListener('keydown', around)
  open()
  await key('Record a voice message')
  const leave = () => act(async () => fireEvent.keyDown(document.body, { key: 'Escape' }))
  await leave()
  expect(draft()?.voice).toBeDefined()
  expect(button('Send voice message')).toBeDefined()
  expect(around).not.toHaveBeenCalled()
  await leave()
  expect(around).toHaveBeenCalledOnce()
  document.removeEventListener('keydown', around)
})

it('keeps an answer to a moment beside the draft that is there', async () => {
  await keepTake('ada', takeOf(4000), false)
  answerMoment('ada', 'moment', takeOf(9000), false)
  expect(draft()?.voice?.ms).toBe(4000)
  expect(waiting()).toMatchObject([{ voice: { ms: 9000 }, moment: 'moment', state: 'failed' }])

  outgoing.forget('ada')
  answerMoment('ada', 'moment', takeOf(9000), false)
  expect(draft()).toMatchObject({ voice: { ms: 9000 }, moment: 'moment' })
  expect(waiting()).toEqual([])
})

it('replaces no recording by another one', async () => {
  answerMoment('ada', 'moment', takeOf(9000), false)
  await keepTake('ada', takeOf(4000), false)
  expect(draft()?.voice?.ms).toBe(4000)
  expect(draft()?.moment).toBeUndefined()
  expect(waiting()).toMatchObject([{ voice: { ms: 9000 }, moment: 'moment', state: 'failed' }])
})

it('sends one that is still being encoded, whatever is said meanwhile', async () => {
  const never = { ...takeOf(5000), file: () => new Promise<Blob>(() => {}) }
  void keepTake('ada', never, true)
  await keepTake('ada', takeOf(4000), false)
  expect(draft()?.voice?.ms).toBe(4000)
  expect(waiting()).toMatchObject([{ voice: { ms: 5000 } }])
  expect(waiting()[0]?.state).not.toBe('failed')
})
