import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { fakeElement } from '../testing/element'
import { Writable } from '../ui/store'
import { type Recording, RecordingPlayer } from './player'

const world = vi.hoisted(() => ({ context: {} as object }))
vi.mock('./audio', () => ({ audioContext: () => world.context }))

let fake: ReturnType<typeof fakeElement>
let busy: Writable<boolean>
let player: RecordingPlayer

beforeEach(() => {
  localStorage.clear()
  fake = fakeElement()
  world.context = { state: 'suspended', resume: async () => {} }
  busy = new Writable(false)
  player = new RecordingPlayer(busy)
})
afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
})

const message = (key: string, more: Partial<Recording> = {}): Recording => ({
  key,
  url: '',
  sound: () => new Blob(['x']),
  title: key,
  person: { id: 'ada', name: 'Ada' },
  message: true,
  ...more,
})
const at = () => [player.get().key, player.get().status]
const end = () => fake.end()
const settle = () => vi.waitFor(() => expect(player.get().status).not.toBe('loading'))

it('plays one thing at a time', async () => {
  await player.play(message('a'))
  expect(at()).toEqual(['a', 'playing'])
  await player.play(message('b'))
  expect(at()).toEqual(['b', 'playing'])
  expect(document.querySelectorAll('audio')).toHaveLength(1)
})

it('says that it has begun, and plays on to what comes next', async () => {
  const begun: string[] = []
  const onBegin = (key: string) => () => begun.push(key)
  const second = message('b', { onBegin: onBegin('b') })
  await player.play(message('a', { onBegin: onBegin('a'), next: () => second }))
  end()
  await vi.waitFor(() => expect(at()).toEqual(['b', 'playing']))
  end()
  expect(at()).toEqual([undefined, 'idle'])
  expect(begun).toEqual(['a', 'b'])
})

it('goes on with a message where it was left, and with a clip from the beginning', async () => {
  await player.play(message('a'))
  fake.get().currentTime = 8
  await player.play(message('b'))
  expect(player.left('a')).toBeCloseTo(0.4)
  fake.get().currentTime = 3
  await player.play(message('a'))
  expect(fake.get().currentTime).toBe(8)
  end()
  expect(player.left('a')).toBe(0)

  const { message: _, ...clip } = message('clip')
  await player.play(clip)
  fake.get().currentTime = 5
  await player.play(message('b'))
  expect(player.left('clip')).toBe(0)
})

it('gives way to a call, and comes back', async () => {
  await player.play(message('a'))
  busy.set(true)
  expect(at()).toEqual(['a', 'paused'])
  busy.set(false)
  await settle()
  expect(at()).toEqual(['a', 'playing'])
})

it('comes back also after a taste that was heard in the call, and not after a wish to be quiet', async () => {
  await player.play(message('a'))
  fake.get().currentTime = 6
  busy.set(true)
  const { message: _, ...taste } = message('taste')
  await player.play(taste)
  player.stop()
  busy.set(false)
  await settle()
  expect(at()).toEqual(['a', 'playing'])
  expect(fake.get().currentTime).toBe(6)

  player.pause()
  busy.set(true)
  busy.set(false)
  await settle()
  expect(at()).toEqual(['a', 'paused'])
})

it('ends a taste of the caller with the ringing, and comes back', async () => {
  await player.play(message('a'))
  fake.get().currentTime = 6
  busy.set(true)
  await player.play({ key: 'taste', url: '', sound: () => new Blob(['x']), taste: true })
  expect(at()).toEqual(['taste', 'playing'])
  busy.set(false)
  await vi.waitFor(() => expect(at()).toEqual(['a', 'playing']))
  expect(fake.get().currentTime).toBe(6)
})

it('takes up a clip where the call cut it, whatever was heard meanwhile', async () => {
  const { message: _, ...clip } = message('clip')
  const { message: __, ...taste } = message('taste')
  await player.play(clip)
  fake.get().currentTime = 5
  busy.set(true)
  await player.play(taste)
  fake.get().currentTime = 1
  player.stop()
  busy.set(false)
  await vi.waitFor(() => expect(at()).toEqual(['clip', 'playing']))
  expect(fake.get().currentTime).toBe(5)
})

it('waits for a breath before what follows, and a pause in it is a pause', async () => {
  const next = message('b', { afterMs: 60 })
  await player.play(message('a', { next: () => next }))
  end()
  expect(at()).toEqual(['b', 'loading'])
  player.pause()
  expect(at()).toEqual(['b', 'paused'])
  await new Promise((done) => setTimeout(done, 90))
  expect(at()).toEqual(['b', 'paused'])
  await player.play(next)
  expect(at()).toEqual(['b', 'playing'])
})

it('goes back to the beginning of what has nothing before it', async () => {
  await player.play(message('a'))
  fake.get().currentTime = 9
  player.go('previous')
  await vi.waitFor(() => expect(fake.get().currentTime).toBe(0))
  expect(at()).toEqual(['a', 'playing'])
})

it('plays messages at the chosen speed, and clips as they are', async () => {
  await player.play(message('a'))
  player.setRate(1.5)
  expect(fake.get().playbackRate).toBe(1.5)
  const { message: _, ...clip } = message('clip')
  await player.play(clip)
  expect(fake.get().playbackRate).toBe(1)
  expect(new RecordingPlayer(busy).get().rate).toBe(1.5)
})

it('lets go of what is somebody’s', async () => {
  await player.play(message('a'))
  player.drop('bob')
  expect(at()).toEqual(['a', 'playing'])
  busy.set(true)
  player.drop('ada')
  busy.set(false)
  await settle()
  expect(at()).toEqual([undefined, 'idle'])
})

it('plays no message that was deleted, not even one that waits for the end of a call', async () => {
  await player.play(message('a'))
  player.dropOne('b')
  expect(at()).toEqual(['a', 'playing'])
  fake.get().currentTime = 8
  player.dropOne('a')
  expect(at()).toEqual([undefined, 'idle'])
  expect(player.left('a')).toBe(0)

  await player.play(message('b'))
  busy.set(true)
  player.dropOne('b')
  busy.set(false)
  await settle()
  expect(at()).toEqual([undefined, 'idle'])
})

it('shows that it is quiet when the system takes the sound', async () => {
  const context = Object.assign(new EventTarget(), {
    state: 'running',
    createMediaElementSource: () => ({ connect: (to: unknown) => to }),
  })
  world.context = context
  vi.stubGlobal(
    'AnalyserNode',
    class {
      connect() {}
    },
  )
  await player.play(message('a'))
  expect(at()).toEqual(['a', 'playing'])
  context.state = 'interrupted'
  context.dispatchEvent(new Event('statechange'))
  expect(at()).toEqual(['a', 'paused'])
  vi.unstubAllGlobals()
})
