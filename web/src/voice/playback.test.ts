import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { level, setVoice } from './levels'
import { Playback, type Sound } from './playback'

class FakeContext {
  state = 'running'
  createMediaStreamSource = () => ({ connect() {}, disconnect() {} })
}
/** The loudness that each track has. */
const loud = new Map<unknown, number>()
let analysed: unknown

const track = (volume = 0) => {
  const made = { enabled: true, readyState: 'live' } as unknown as MediaStreamTrack
  loud.set(made, volume)
  return made
}
const elements = () => [...document.querySelectorAll('audio')]
const heard = () =>
  elements().flatMap((e) => (e.dataset.person && !e.muted ? [e.dataset.person] : []))

let play: ReturnType<typeof vi.fn<() => Promise<void>>>
let playback: Playback
let sounds: Sound[]
const open = () => {
  const sound = playback.open()
  sounds.push(sound)
  return sound
}

beforeEach(() => {
  vi.useFakeTimers()
  play = vi.fn(async () => {})
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockImplementation(() => play())
  vi.stubGlobal(
    'MediaStream',
    class {
      constructor(readonly tracks: MediaStreamTrack[]) {
        analysed = tracks[0]
      }
    },
  )
  vi.stubGlobal('AudioContext', FakeContext)
  vi.stubGlobal(
    'AnalyserNode',
    class {
      of = analysed
      getFloatTimeDomainData(samples: Float32Array) {
        samples.fill(loud.get(analysed) ?? 0)
      }
    },
  )
  playback = new Playback()
  sounds = []
})
afterEach(() => {
  for (const sound of sounds) sound.close()
  document.body.replaceChildren()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

it('decodes before it is heard, and names people only while they are', () => {
  const sound = open()
  sound.add('slot-0', track())
  sound.name('slot-0', 'ada')
  expect(elements()).toMatchObject([{ muted: true }])
  expect(play).toHaveBeenCalled()
  expect(document.querySelector('audio[data-person]')).toBeNull()
  sound.play()
  expect(heard()).toEqual(['ada'])
})

it('changes one sound for another in one task', () => {
  const older = open()
  older.play()
  older.add('ada', track())
  older.name('ada', 'ada')
  const newer = open()
  newer.add('slot-0', track())
  newer.name('slot-0', 'ada')
  expect(heard()).toEqual(['ada'])
  newer.play()
  older.close()
  expect(heard()).toEqual(['ada'])
  expect(elements()).toHaveLength(1)
})

it('follows people through a slot, and moves the aura of whoever is in it now', () => {
  const sound = open()
  sound.play()
  sound.add('slot-0', track(1))
  sound.name('slot-0', 'ada')
  expect(level('ada')).toBe(1)
  sound.name('slot-0', 'ben')
  expect(heard()).toEqual(['ben'])
  expect([level('ada'), level('ben')]).toEqual([0, 1])
  sound.name('slot-0', undefined)
  expect(document.querySelector('audio[data-person]')).toBeNull()
  expect(level('ben')).toBe(0)
})

it('leaves the aura of somebody who has changed slots to the newer one', () => {
  const sound = open()
  sound.play()
  sound.add('slot-0', track(0))
  sound.add('slot-1', track(1))
  sound.name('slot-0', 'ada')
  sound.name('slot-1', 'ada')
  sound.name('slot-0', undefined)
  expect(level('ada')).toBe(1)
  setVoice('ada', undefined)
})

it('silences what is heard and what comes, and lets it be heard again', () => {
  const sound = open()
  sound.play()
  sound.add('a', track())
  playback.silence(true)
  sound.add('b', track())
  expect(elements().map((e) => e.muted)).toEqual([true, true])
  expect(playback.silenced.get()).toBe(true)
  playback.silence(false)
  expect(elements().map((e) => e.muted)).toEqual([false, false])
})

it('starts again what the system has stopped', async () => {
  const sound = open()
  sound.play()
  sound.add('a', track())
  play.mockClear()
  elements()[0]?.dispatchEvent(new Event('pause'))
  expect(play).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(250)
  expect(play).toHaveBeenCalledOnce()
  expect(playback.state.get()).toBe('ok')
})

it('asks for one tap where the browser wants it, and plays with it', async () => {
  const sound = open()
  sound.play()
  sound.add('a', track())
  play.mockRejectedValueOnce(new DOMException('', 'NotAllowedError'))
  elements()[0]?.dispatchEvent(new Event('pause'))
  await vi.advanceTimersByTimeAsync(250)
  expect(playback.state.get()).toBe('blocked')
  play.mockClear()
  playback.resume()
  expect(play).toHaveBeenCalledOnce()
  expect(playback.state.get()).toBe('ok')
})

it('looks again when the page is shown, after a call that took the sound', () => {
  const sound = open()
  sound.play()
  sound.add('a', track())
  play.mockClear()
  document.dispatchEvent(new Event('visibilitychange'))
  expect(play).toHaveBeenCalledOnce()
  sound.close()
  document.dispatchEvent(new Event('visibilitychange'))
  expect(play).toHaveBeenCalledOnce()
})

it('plays each voice as loud as it is wanted, in the task in which a slot gets its name', () => {
  const gains = new Map([
    ['ada', 0.5],
    ['ben', 0],
  ])
  playback = new Playback({ gain: (id) => gains.get(id) ?? 1, heard() {}, chosen: [] })
  const sound = open()
  sound.add('slot-0', track())
  sound.play()
  const [element] = elements()
  const at = () => ({ muted: element?.muted, volume: element?.volume })
  expect(at()).toEqual({ muted: false, volume: 1 })
  sound.name('slot-0', 'ada')
  expect(at()).toEqual({ muted: false, volume: 0.5 })
  sound.name('slot-0', 'ben')
  expect(at()).toMatchObject({ muted: true })
  sound.name('slot-0', undefined)
  expect(at()).toEqual({ muted: false, volume: 1 })
  sound.name('slot-0', 'ada')
  playback.silence(true)
  expect(at()).toMatchObject({ muted: true })
  playback.silence(false)
  expect(at()).toEqual({ muted: false, volume: 0.5 })
})

it('does without what cannot be boosted now', () => {
  vi.stubGlobal('AudioContext', undefined)
  playback = new Playback({ gain: () => 2, heard() {}, chosen: [] })
  const sound = open()
  sound.add('slot-0', track())
  sound.name('slot-0', 'ada')
  sound.play()
  expect(elements()).toMatchObject([{ muted: false, volume: 1 }])
})
