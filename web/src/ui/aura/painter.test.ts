import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { shape } from './shape'

const ada = shape({ pitch_hz: 180, brightness: 0.5, tempo: 0.5, energy: 0.5 }, 'ada')

/** One canvas of a browser without WebGL; counts how often it is painted. */
function canvas() {
  let painted = 0
  const gradient = { addColorStop() {} }
  const nothing = () => {}
  const context = new Proxy(
    {},
    {
      get: (_, name) => {
        if (name === 'clearRect') return () => painted++
        return String(name).endsWith('Gradient') ? () => gradient : nothing
      },
      set: () => true,
    },
  )
  const made = document.createElement('canvas')
  made.getContext = ((kind: string) => (kind === '2d' ? context : null)) as never
  return { made, painted: () => painted }
}

let tellWindow: (entries: object[]) => void
let frames = 0

async function painter() {
  vi.resetModules()
  return await import('./painter')
}

beforeEach(() => {
  vi.useFakeTimers()
  frames = 0
  const raf = globalThis.requestAnimationFrame
  vi.stubGlobal('requestAnimationFrame', (callback: FrameRequestCallback) => {
    frames++
    return raf(callback)
  })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener() {} }))
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      constructor(callback: (entries: object[]) => void) {
        tellWindow = callback
      }
      observe() {}
      unobserve() {}
    },
  )
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

/** What happens in so many milliseconds: frames asked for, times painted. */
function during(ms: number, of: { painted(): number }) {
  const [asked, painted] = [frames, of.painted()]
  vi.advanceTimersByTime(ms)
  return { frames: frames - asked, painted: of.painted() - painted }
}

it('paints an aura once, and no frame while nobody speaks', async () => {
  const { sit } = await painter()
  const one = canvas()
  const leave = sit({ canvas: one.made, shape: ada, size: 100, level: () => 0 })
  expect(during(100, one)).toEqual({ frames: 0, painted: 1 })
  expect(during(5000, one)).toEqual({ frames: 0, painted: 0 })
  leave()
})

it('paints nothing anew with reduced motion while a voice stays as loud', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: true, addEventListener() {} }))
  const { sit } = await painter()
  const one = canvas()
  let level = 0.5
  const leave = sit({ canvas: one.made, shape: ada, size: 100, level: () => level })
  expect(during(1500, one).painted).toBeGreaterThan(2) // on its way to that level
  expect(during(3000, one).painted).toBe(0)
  level = 0.8
  expect(during(1500, one).painted).toBeGreaterThan(2)
  level = 0
  during(3000, one)
  expect(during(1000, one)).toEqual({ frames: 0, painted: 0 })
  leave()
})

it('moves with a voice, and comes to rest after it', async () => {
  const { sit } = await painter()
  const one = canvas()
  let level = 0
  const leave = sit({ canvas: one.made, shape: ada, size: 100, level: () => level })
  during(1000, one)
  level = 0.8
  expect(during(1000, one).painted).toBeGreaterThan(50)
  level = 0
  expect(during(3000, one).painted).toBeGreaterThan(10)
  expect(during(5000, one)).toEqual({ frames: 0, painted: 0 })
  leave()
})

it('paints only who moves', async () => {
  const { sit } = await painter()
  const [one, other] = [canvas(), canvas()]
  const leaves = [
    sit({ canvas: one.made, shape: ada, size: 100, level: () => 0.8 }),
    sit({ canvas: other.made, shape: ada, size: 100, level: () => 0 }),
  ]
  during(100, one)
  const before = other.painted()
  expect(during(1000, one).painted).toBeGreaterThan(50)
  expect(other.painted()).toBe(before)
  for (const leave of leaves) leave()
})

it('does not paint who has scrolled out of the window until they come back', async () => {
  const { sit } = await painter()
  const one = canvas()
  const leave = sit({ canvas: one.made, shape: ada, size: 100, level: () => 0.8 })
  during(500, one)
  tellWindow([{ target: one.made, isIntersecting: false }])
  during(50, one)
  expect(during(5000, one)).toEqual({ frames: 0, painted: 0 })
  tellWindow([{ target: one.made, isIntersecting: true }])
  expect(during(1000, one).painted).toBeGreaterThan(50)
  leave()
})

it('lets go of who has left', async () => {
  const { sit } = await painter()
  const one = canvas()
  sit({ canvas: one.made, shape: ada, size: 100, level: () => 0.8 })()
  during(100, one)
  expect(during(1000, one)).toEqual({ frames: 0, painted: 0 })
})
