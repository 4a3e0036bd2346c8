import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { holdToTalk, isTalkKey, talkKey } from './pushToTalk'

let mic: string
let told: boolean[]
let stop: () => void
const refused = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  mic = 'muted'
  told = []
  refused.mockClear()
  talkKey.choose('Space')
  stop = holdToTalk({
    talkers: () => [
      {
        mic,
        setMuted(muted) {
          told.push(muted)
          mic = muted ? 'muted' : 'open'
        },
      },
    ],
    refused,
  })
})
afterEach(() => {
  stop()
  document.body.replaceChildren()
  vi.useRealTimers()
  localStorage.clear()
})

function key(type: 'keydown' | 'keyup', more: KeyboardEventInit = {}, at: Element = document.body) {
  const event = new KeyboardEvent(type, {
    code: 'Space',
    key: ' ',
    bubbles: true,
    cancelable: true,
    ...more,
  })
  at.dispatchEvent(event)
  return event
}

it('opens the microphone while the key is held, and closes it 200 ms later', () => {
  expect(key('keydown').defaultPrevented).toBe(true)
  key('keydown', { repeat: true })
  expect(told).toEqual([false])
  key('keyup')
  vi.advanceTimersByTime(199)
  expect(mic).toBe('open')
  vi.advanceTimersByTime(1)
  expect(told).toEqual([false, true])
})

it('goes on when it is pressed again within the tail, without a word to the server', () => {
  key('keydown')
  key('keyup')
  vi.advanceTimersByTime(100)
  key('keydown')
  vi.advanceTimersByTime(1000)
  expect(told).toEqual([false])
  key('keyup')
  vi.advanceTimersByTime(200)
  expect(told).toEqual([false, true])
})

it.each(['blur', 'visibilitychange'])('closes at once on %s', (event) => {
  key('keydown')
  const target = event === 'blur' ? window : document
  target.dispatchEvent(new Event(event))
  expect(told).toEqual([false, true])
})

it('leaves a microphone alone that was opened otherwise', () => {
  mic = 'open'
  key('keydown')
  key('keyup')
  vi.advanceTimersByTime(1000)
  expect(told).toEqual([])
})

it('is a letter where one writes, and belongs to what is open over the page', () => {
  document.body.innerHTML = '<input><div role="dialog"><button>Yes</button></div>'
  for (const at of document.querySelectorAll('input, button')) {
    expect(key('keydown', {}, at).defaultPrevented).toBe(false)
  }
  expect(told).toEqual([])
})

it.each(['ctrlKey', 'metaKey', 'altKey', 'shiftKey'])('refuses %s', (modifier) => {
  key('keydown', { [modifier]: true })
  expect(told).toEqual([])
})

it('does nothing unless it was switched on, or where there is no microphone', () => {
  talkKey.choose(undefined)
  key('keydown')
  talkKey.choose('Space')
  mic = 'off'
  expect(key('keydown').defaultPrevented).toBe(false)
  expect(told).toEqual([])
})

it('does not flood the server', () => {
  const press = () => {
    key('keydown')
    key('keyup')
    vi.advanceTimersByTime(250)
  }
  for (let i = 0; i < 300; i++) press()
  // 60 at once, and one every three seconds of the 75 that have passed.
  expect(told.length / 2).toBeGreaterThan(60)
  expect(told.length / 2).toBeLessThan(60 + 27)
  expect(refused).toHaveBeenCalled()
  expect(mic).toBe('muted')
})

it('takes no keys that do something else', () => {
  for (const code of ['Space', 'KeyV', 'Backquote', 'Numpad0', 'IntlBackslash']) {
    expect(isTalkKey(code), code).toBe(true)
  }
  for (const code of ['Tab', 'Enter', 'Escape', 'KeyM', 'ArrowUp', 'ShiftLeft', 'F5', '']) {
    expect(isTalkKey(code), code).toBe(false)
  }
})
