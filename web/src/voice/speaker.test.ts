import { afterEach, beforeEach, expect, it, vi } from 'vitest'

class Sink {
  sinkId = ''
  setSinkId = vi.fn(async (id: string) => {
    this.sinkId = id
  })
}

beforeEach(() => {
  vi.resetModules()
  vi.stubGlobal('MediaStream', class {})
  vi.spyOn(HTMLMediaElement.prototype, 'play').mockResolvedValue()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  localStorage.clear()
})

it('is where everything plays, from the first sound on', async () => {
  localStorage.setItem('heyy.speaker', 'headset')
  const { route } = await import('./speaker')
  expect(route(new Sink()).sinkId).toBe('headset')
})

it('takes along what plays already', async () => {
  const { playOn, route } = await import('./speaker')
  const sink = route(new Sink())
  expect(sink.setSinkId).not.toHaveBeenCalled()
  playOn('headset')
  expect(sink.sinkId).toBe('headset')
  playOn('')
  expect(sink.sinkId, 'back to what the system plays on').toBe('')
})

it('is where a voice is heard, in a room as in a call', async () => {
  const setSinkId = vi.fn(async () => {})
  Object.assign(HTMLMediaElement.prototype, { setSinkId })
  localStorage.setItem('heyy.speaker', 'headset')
  const { Playback } = await import('./playback')
  new Playback().open().add('ada', {} as MediaStreamTrack)
  expect(setSinkId).toHaveBeenCalledWith('headset')
})
