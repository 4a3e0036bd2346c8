import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { Deck as Dealt, DiscoverCard } from '../../api'
import { startI18n } from '../../i18n'
import { fakeElement } from '../../testing/element'
import { Writable } from '../../ui/store'
import { type Recording, RecordingPlayer } from '../../voice/player'
import { Deck } from './deck'
import { Radio } from './radio'

vi.mock('../../voice/audio', () => ({
  audioContext: () => ({ state: 'suspended', resume: async () => {} }),
}))

const card = (id: string, ...clips: number[]): DiscoverCard => ({
  age: 30,
  intents: [],
  reasons: [],
  ticket: id,
  person: {
    id,
    name: id,
    resident: false,
    verified: false,
    badges: [],
    clips: clips.map((place) => ({
      place,
      prompt: 'p',
      ms: 9000,
      peaks: [],
      url: `/api/clips/${id}?ticket=1`,
    })),
    interests: [],
    language: 'en',
    languages: [],
    pronouns: '',
  },
})

let fake: ReturnType<typeof fakeElement>
let busy: Writable<boolean>
let player: RecordingPlayer
let deck: Deck
let radio: Radio
let left: string[]

beforeAll(() => startI18n('en'))
beforeEach(async () => {
  localStorage.clear()
  fake = fakeElement()
  vi.stubGlobal('fetch', async () => new Response('x'))
  busy = new Writable(false)
  player = new RecordingPlayer(busy)
  const dealt: Dealt = {
    alert: false,
    limited: false,
    likes_left: 30,
    cards: [card('a', 0), card('mute'), card('b', 0), card('c', 0)],
    thin: { people: 4, without: {} },
  }
  deck = new Deck({
    deal: async () => dealt,
    choose: async () => ({ likes_left: 29 }),
    undo: async () => 'a',
    alert: async () => {},
    matched: () => {},
    now: () => 0,
  })
  left = []
  radio = new Radio({ player, deck, interrupted: busy, left: ({ person }) => left.push(person.id) })
  await deck.deal()
})
afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const who = () => player.get().recording?.person?.id
const top = () => deck.get().cards[0]?.person.id
const plays = (id: string) =>
  vi.waitFor(() => expect([who(), player.get().status, top()]).toEqual([id, 'playing', id]), {
    timeout: 3000,
  })

it('plays one after another, with a name for the lock screen, and each once', async () => {
  radio.start()
  await plays('a')
  expect(player.get().recording?.title).toContain('on Radio')
  expect(radio.get()).toEqual({ on: true, over: false })
  fake.end()
  expect([who(), player.get().status]).toEqual(['b', 'loading'])
  await plays('b')
  player.go('next')
  await plays('c')
  expect(left).toEqual(['a', 'b'])
  fake.end()
  expect(radio.get()).toEqual({ on: false, over: true })
  expect(who()).toBeUndefined()
})

it('follows whoever is decided about, and plays again whose choice is taken back', async () => {
  radio.start()
  await plays('a')
  deck.choose('like')
  await plays('b')
  expect(left).toEqual(['a'])
  await deck.undo()
  await plays('a')
})

it('gives way to a call and goes on at its place, with whoever it was', async () => {
  radio.start()
  await plays('a')
  player.go('next')
  await plays('b')
  fake.get().currentTime = 7
  busy.set(true)
  expect(player.get().status).toBe('paused')
  expect(radio.get().on).toBe(true)
  const taste: Recording = { key: 'taste', url: '', sound: () => new Blob(['x']) }
  await player.play(taste)
  expect(radio.get().on).toBe(false)
  player.stop()
  busy.set(false)
  await plays('b')
  expect(fake.get().currentTime).toBe(7)
  expect(radio.get().on).toBe(true)
})

it('plays nobody into a call, and after it nobody who was decided about', async () => {
  radio.start()
  await plays('a')
  busy.set(true)
  deck.choose('pass')
  expect(radio.get().on).toBe(false)
  busy.set(false)
  await new Promise((done) => setTimeout(done, 20))
  expect(player.get().status).toBe('idle')
})

it('stays on where the intro is paused and played on its own card', async () => {
  radio.start()
  await plays('a')
  const again = { ...radio.recordingOf(card('a', 0)) } as Recording
  player.pause()
  await player.play(again)
  expect(radio.get().on).toBe(true)
  fake.end()
  await plays('b')
})

it('is over for another voice, and where others are looked for', async () => {
  radio.start()
  await plays('a')
  await player.play({ key: 'message', url: '', sound: () => new Blob(['x']), message: true })
  expect(radio.get()).toEqual({ on: false, over: false })
  expect(left).toEqual([])
  radio.start()
  await plays('a')
  const again = deck.again()
  expect(radio.get()).toEqual({ on: false, over: false })
  await again
})
