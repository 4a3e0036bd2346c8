import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AuraRing } from './AuraRing'

const voice = { pitch_hz: 180, brightness: 0.5, tempo: 0.5, energy: 0.5 }
const onSeek = vi.fn<(fraction: number) => void>()

function show(progress: number) {
  render(
    <AuraRing
      person={{ id: 'ada', name: 'Ada', voice }}
      size={300}
      peaks={Array(64).fill(0.5)}
      duration={20}
      progress={progress}
      onSeek={onSeek}
      label="Intro of Ada"
    />,
  )
  const slider = screen.getByRole('slider', { name: 'Intro of Ada' })
  const ring = slider.querySelector('circle')
  if (!ring?.ownerSVGElement) throw new Error('no ring to touch')
  // jsdom lays nothing out, and captures no pointers.
  ring.ownerSVGElement.getBoundingClientRect = () => new DOMRect(0, 0, 300, 300)
  ring.setPointerCapture = () => {}
  return { slider, ring }
}

beforeEach(() => {
  onSeek.mockClear()
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {} }))
  vi.stubGlobal(
    'DOMRect',
    class {
      constructor(
        readonly left: number,
        readonly top: number,
        readonly width: number,
        readonly height: number,
      ) {}
    },
  )
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

it('says where the recording stands', () => {
  const { slider } = show(0.375)
  expect(slider.getAttribute('aria-valuemax')).toBe('20')
  expect(slider.getAttribute('aria-valuenow')).toBe('8')
  expect(slider.getAttribute('aria-valuetext')).toBe('0:08')
})

it.each([
  ['ArrowRight', 0.55],
  ['ArrowUp', 0.55],
  ['ArrowLeft', 0.45],
  ['ArrowDown', 0.45],
  ['PageUp', 0.75],
  ['Home', 0],
  ['End', 1],
])('seeks by %s, a second at a time', (key, fraction) => {
  const { slider } = show(0.5)
  fireEvent.keyDown(slider, { key })
  expect(onSeek).toHaveBeenCalledOnce()
  expect(onSeek.mock.lastCall?.[0]).toBeCloseTo(fraction, 9)
})

it('stays within the recording', () => {
  const { slider } = show(0.99)
  fireEvent.keyDown(slider, { key: 'ArrowRight' })
  expect(onSeek).toHaveBeenLastCalledWith(1)
})

it('leaves other keys to the page', () => {
  const { slider } = show(0.5)
  expect(fireEvent.keyDown(slider, { key: 'm' })).toBe(true)
  expect(fireEvent.keyDown(slider, { key: 'ArrowRight', altKey: true })).toBe(true)
  expect(onSeek).not.toHaveBeenCalled()
})

it('shows where the finger is, and seeks when it lets go', () => {
  const { slider, ring } = show(0.1)
  fireEvent.pointerDown(ring, { button: 0, clientX: 290, clientY: 150 })
  expect(slider.getAttribute('aria-valuenow')).toBe('5')
  fireEvent.pointerMove(ring, { clientX: 150, clientY: 290 })
  expect(slider.getAttribute('aria-valuenow')).toBe('10')
  expect(onSeek).not.toHaveBeenCalled()
  fireEvent.pointerUp(ring)
  expect(onSeek).toHaveBeenCalledOnce()
  expect(onSeek.mock.lastCall?.[0]).toBeCloseTo(0.5, 9)
})

it('seeks nowhere when the finger is taken away', () => {
  const { slider, ring } = show(0.1)
  fireEvent.pointerDown(ring, { button: 0, clientX: 290, clientY: 150 })
  fireEvent.pointerCancel(ring)
  fireEvent.pointerUp(ring)
  expect(onSeek).not.toHaveBeenCalled()
  expect(slider.getAttribute('aria-valuenow')).toBe('2')
})
