import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Page } from '@playwright/test'
import type { Person } from './person.ts'
import { B, expect, test } from './test.ts'

declare global {
  interface Window {
    heyyMicrophones: MediaStreamTrack[]
  }
}

const RATE = 48_000
/** What is said, and how long nothing is, in seconds; it comes again and again. */
const SPEECH = 3.5
const PAUSE = 2.5
const LOOP = SPEECH + PAUSE

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

/** What a browser makes of a recording: samples of one channel. */
async function decoded(page: Page, recording: Buffer): Promise<Float32Array> {
  const bytes = await page.evaluate(async (base64) => {
    const file = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
    const sound = await new OfflineAudioContext(1, 1, 48_000).decodeAudioData(file.buffer)
    const samples = new Uint8Array(sound.getChannelData(0).slice().buffer)
    let text = ''
    for (const b of samples) text += String.fromCharCode(b)
    return btoa(text)
  }, recording.toString('base64'))
  const raw = Buffer.from(bytes, 'base64')
  return new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length))
}

const rms = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, v) => sum + v * v, 0) / samples.length)

/** A fan that never stops: half of it white, half of it deeper, RMS 1. */
function fan(length: number): Float32Array {
  let seed = 1
  const white = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0
    return seed / 2 ** 31
  }
  let deep = 0
  const noise = Float32Array.from({ length }, () => {
    const w = white()
    deep = 0.97 * deep + 0.15 * w
    return w / 2 + deep
  })
  const is = rms(noise)
  return noise.map((v) => v / is)
}

/** Speech at -20 dB of full scale in a noise 12 dB below it, with pauses in which only the noise is. */
function inNoise(speech: Float32Array): Buffer {
  const words = speech.slice(0, SPEECH * RATE)
  const louder = 0.1 / rms(words)
  const noise = fan(LOOP * RATE)
  const wav = Buffer.alloc(44 + noise.length * 2)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(wav.length - 8, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(RATE, 24)
  wav.writeUInt32LE(RATE * 2, 28)
  wav.writeUInt16LE(2, 32)
  wav.writeUInt16LE(16, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(noise.length * 2, 40)
  noise.forEach((v, i) => {
    const sum = (words[i] ?? 0) * louder + v * 0.025
    wav.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sum)) * 32_767), 44 + i * 2)
  })
  return wav
}

/** How loud the pauses and the words of the other are over there, dB of full scale. */
async function heard(who: Person, loops: number): Promise<{ pause: number; words: number }> {
  const levels = await who.page.evaluate(
    async (ms) => {
      const element = document.querySelector<HTMLAudioElement>('audio[data-person]')
      if (!(element?.srcObject instanceof MediaStream)) throw new Error('nobody is played')
      const context = new AudioContext({ sampleRate: 48_000 })
      const look = new AnalyserNode(context, { fftSize: 1024 })
      context.createMediaStreamSource(element.srcObject).connect(look)
      const samples = new Float32Array(look.fftSize)
      const all: number[] = []
      const end = performance.now() + ms
      while (performance.now() < end) {
        await new Promise((next) => setTimeout(next, 15))
        look.getFloatTimeDomainData(samples)
        const power = samples.reduce((sum, v) => sum + v * v, 0) / samples.length
        all.push(10 * Math.log10(power + 1e-10))
      }
      await context.close()
      return all
    },
    loops * LOOP * 1000,
  )
  levels.sort((a, b) => a - b)
  const at = (share: number) => levels[Math.floor(share * (levels.length - 1))] ?? 0
  return { pause: at((0.5 * PAUSE) / LOOP), words: at(0.92) }
}

const processing = (who: Person) =>
  who.page.evaluate(() => {
    const open = window.heyyMicrophones.filter((t) => t.readyState === 'live')
    return open.map((t) => {
      const { noiseSuppression, echoCancellation, autoGainControl } = t.getSettings()
      return { noiseSuppression, echoCancellation, autoGainControl }
    })
  })

/** The voice that is played, by name: it changes with the microphone. */
const played = (who: Person) =>
  who.page.evaluate(() => {
    const { srcObject } = document.querySelector<HTMLAudioElement>('audio[data-person]') ?? {}
    return srcObject instanceof MediaStream ? srcObject.getAudioTracks()[0]?.id : undefined
  })

/** Until a voice that comes from another microphone than before is played. */
async function anew(who: Person, change: () => Promise<void>): Promise<void> {
  const before = await played(who)
  await change()
  const other = async () => ![before, undefined].includes(await played(who))
  await expect.poll(other, 'a new voice is played').toBe(true)
}

async function quietening(who: Person, on: boolean): Promise<void> {
  await who.press('Sound')
  const wish = who.page.getByRole('switch', { name: 'Reduce background noise' })
  await wish.setChecked(on)
  await who.page.keyboard.press('Escape')
  await expect(wish).toBeHidden()
}

test('the noise around somebody who speaks stays with them, and their voice does not', async ({
  someone,
}) => {
  test.setTimeout(150_000)
  const ben = await someone('Ben', { hz: B, calm: true })
  await ben.register()
  await ben.canBeMet('man', voice)
  await ben.page.goto(`${ben.url}/call`)
  const wav = join(tmpdir(), `heyy-noise-${process.pid}.wav`)
  writeFileSync(wav, inNoise(await decoded(ben.page, voice)))

  const ada = await someone('Ada', {
    says: wav,
    calm: true,
    before: (context) =>
      context.addInitScript(() => {
        window.heyyMicrophones = []
        const media = navigator.mediaDevices
        const ask = media.getUserMedia.bind(media)
        media.getUserMedia = async (wish) => {
          const stream = await ask(wish)
          window.heyyMicrophones.push(...stream.getAudioTracks())
          return stream
        }
      }),
  })
  const fetched: string[] = []
  for (const who of [ada, ben]) {
    who.page.on('response', (r) => {
      if (/rnnoise|workletProcessor/.test(r.url())) fetched.push(`${who.name} ${r.url()}`)
    })
  }
  await ada.signUp()
  await ada.canBeMet('woman', voice)
  expect(fetched, 'nothing is fetched before a microphone is opened').toEqual([])
  await ada.page.goto(`${ada.url}/call`)

  const said = async (what: string, loops: number) => {
    const level = await heard(ben, loops)
    const text = `${what}: pauses ${level.pause.toFixed(1)} dB, words ${level.words.toFixed(1)} dB`
    test.info().annotations.push({ type: 'heard', description: text })
    return level
  }

  await Promise.all([ada, ben].map((who) => who.press('Talk now')))
  await Promise.all([ada, ben].map((who) => who.press('Say hello')))
  await expect(ben.page.getByRole('timer', { name: 'Time left' })).toBeVisible()
  await ada.hears(B, 'Ada hears Ben')
  expect(await processing(ada)).toEqual([
    { noiseSuppression: false, echoCancellation: true, autoGainControl: true },
  ])
  const quiet = await said('quietened by the page', 2)

  await anew(ben, () => quietening(ada, false))
  expect(await processing(ada)).toEqual([
    { noiseSuppression: false, echoCancellation: true, autoGainControl: true },
  ])
  const loud = await said('as it comes', 2)
  expect(loud.pause - quiet.pause, 'the pauses are this much quieter').toBeGreaterThan(10)
  expect(
    Math.abs(loud.words - quiet.words),
    'the words are this much louder or softer',
  ).toBeLessThan(4)

  await anew(ben, () => quietening(ada, true))
  const again = await said('quietened again', 1)
  expect(loud.pause - again.pause, 'and after it was switched on again').toBeGreaterThan(10)
  expect(
    fetched.filter((f) => f.startsWith('Ben')),
    'a raw microphone needs none of it',
  ).toEqual([])

  // Where it cannot be had, the browser does it, and nobody is told.
  await ada.context.route(/rnnoise.*\.wasm$/, (route) => route.abort())
  await ada.page.reload()
  await ada.press('Come back')
  const any = async () => (await heard(ben, 0.2).catch(() => ({ words: -100 }))).words
  await expect.poll(any, 'Ben hears Ada after she came back').toBeGreaterThan(-60)
  expect(await processing(ada)).toEqual([
    { noiseSuppression: true, echoCancellation: true, autoGainControl: true },
  ])
  const theirs = await said('quietened by the browser', 1)
  expect(Math.abs(loud.words - theirs.words)).toBeLessThan(8)
  rmSync(wav)
})
