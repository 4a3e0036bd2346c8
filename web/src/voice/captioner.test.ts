import { beforeEach, expect, it, vi } from 'vitest'
import {
  Captioner,
  type CaptionLine,
  CaptionSender,
  EVERY_MS,
  MOST_CHARACTERS,
  type Recogniser,
  type RecogniserClass,
  recognisesHere,
} from './captioner'

class Fake implements Recogniser {
  static made: Fake[] = []
  static answer = 'available'
  static asked: unknown[] = []
  static installs = vi.fn(async () => true)
  static async available(wanted: unknown) {
    Fake.asked.push(wanted)
    return Fake.answer
  }
  static install = () => Fake.installs()
  lang = ''
  continuous = false
  interimResults = false
  onresult: Recogniser['onresult'] = null
  onend: Recogniser['onend'] = null
  onerror: Recogniser['onerror'] = null
  start = vi.fn()
  abort = vi.fn()
  #local = false
  constructor() {
    Fake.made.push(this)
  }
  get processLocally() {
    return this.#local
  }
  set processLocally(on: boolean) {
    this.#local = on
  }
  say(from: number, ...results: [text: string, final: boolean][]) {
    const all = results.map(([transcript, isFinal]) => ({ isFinal, 0: { transcript } }))
    this.onresult?.({ resultIndex: from, results: all })
  }
}

const microphone = { readyState: 'live' } as MediaStreamTrack

beforeEach(() => {
  Fake.made = []
  Fake.asked = []
  Fake.answer = 'available'
  Fake.installs.mockClear()
  Fake.installs.mockResolvedValue(true)
  vi.useRealTimers()
})

it('recognises the microphone on the device, lines that change and lines that stay', async () => {
  const said: CaptionLine[] = []
  const captioner = new Captioner(Fake, (line) => said.push(line))
  expect(await captioner.start(microphone, 'it')).toBe(true)
  const [one] = Fake.made
  expect(one?.start).toHaveBeenCalledWith(microphone)
  expect(one?.processLocally).toBe(true)
  expect(one).toMatchObject({ lang: 'it-IT', continuous: true, interimResults: true })
  for (const asked of Fake.asked) expect(asked).toEqual({ langs: ['it-IT'], processLocally: true })
  one?.say(0, ['ciao', false])
  one?.say(0, ['ciao a tutti', true], ['come', false], ['', false])
  const [first, second, third] = said
  expect(said.map(({ text, final }) => [text, final])).toEqual([
    ['ciao', false],
    ['ciao a tutti', true],
    ['come', false],
  ])
  expect(first?.line).toBe(second?.line)
  expect(third?.line).toBe((first?.line ?? 0) + 1)

  captioner.stop()
  expect(one?.abort).toHaveBeenCalled()
  one?.say(0, ['too late', true])
  expect(said).toHaveLength(3)
})

it('never starts where the voice would leave the device', async () => {
  class Remote extends Fake {}
  // A browser without the attribute ignores the wish.
  class Older {
    static available = async () => 'available'
    start = vi.fn()
  }
  class Stubborn extends Fake {
    override get processLocally() {
      return false
    }
    override set processLocally(_: boolean) {}
  }
  const cases: [RecogniserClass | undefined, string][] = [
    [undefined, 'available'],
    [Older as unknown as RecogniserClass, 'available'],
    [Remote, 'unavailable'],
    [Remote, 'downloading'],
    [Stubborn, 'available'],
  ]
  for (const [made, answer] of cases) {
    Fake.answer = answer
    expect(await new Captioner(made, () => {}).start(microphone, 'en')).toBe(false)
  }
  for (const one of Fake.made) expect(one.start).not.toHaveBeenCalled()
  Fake.available = async () => {
    throw new Error('not allowed here')
  }
  expect(await recognisesHere(Fake, 'en')).toBe(false)
  Fake.available = async () => Fake.answer
})

it('downloads a language before it starts, and does not start without it', async () => {
  Fake.answer = 'downloadable'
  expect(await recognisesHere(Fake, 'zh')).toBe(true)
  expect(await new Captioner(Fake, () => {}).start(microphone, 'zh')).toBe(true)
  expect(Fake.installs).toHaveBeenCalledOnce()
  Fake.installs.mockResolvedValue(false)
  expect(await new Captioner(Fake, () => {}).start(microphone, 'zh')).toBe(false)
  expect(Fake.made).toHaveLength(1)
})

it('does not begin after it was switched off, and begins again after a silence', async () => {
  const later: (() => void)[] = []
  const captioner = new Captioner(
    Fake,
    () => {},
    (fn) => later.push(fn),
  )
  const starting = captioner.start(microphone, 'en')
  captioner.stop()
  expect(await starting).toBe(false)
  expect(Fake.made).toHaveLength(0)

  await captioner.start(microphone, 'en')
  Fake.made[0]?.onend?.()
  later.shift()?.()
  expect(Fake.made).toHaveLength(2)
  Fake.made[1]?.onerror?.({ error: 'not-allowed' })
  Fake.made[1]?.onend?.()
  expect(later).toHaveLength(0)
})

it('sends a bounded number of requests, and of a line that changes the last state', async () => {
  vi.useFakeTimers()
  const send = vi.fn(async (_: CaptionLine) => {})
  const sender = new CaptionSender(send)
  for (let i = 0; i < 100; i++) sender.add({ line: 1, text: `word ${i}`, final: i === 99 })
  sender.add({ line: 2, text: 'é'.repeat(400), final: false })
  expect(send).toHaveBeenCalledOnce()
  await vi.advanceTimersByTimeAsync(3 * EVERY_MS)
  expect(send.mock.calls.map(([line]) => [line.line, [...line.text].length])).toEqual([
    [1, 6],
    [1, 7],
    [2, MOST_CHARACTERS],
  ])
  expect(send.mock.calls[1]?.[0].final).toBe(true)
})
