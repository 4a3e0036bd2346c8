import { act, cleanup, fireEvent, render } from '@testing-library/react'
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

const open = () =>
  render(
    <>
      <Composer
        person={ada}
        talk={talk}
        going={[]}
        editing={undefined}
        onEdited={() => {}}
        onRewrite={() => {}}
        waits={undefined}
        replied={undefined}
        focus={false}
      />
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
