import { existsSync } from 'node:fs'
import { expect } from '@playwright/test'
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core'
import './ear.ts'

const where = ['/usr/bin/firefox-esr', '/usr/bin/firefox']

/** Firefox as people install it: the test runner's own is another build, and says nothing about this one. */
export async function startFirefox(hears: number): Promise<Browser> {
  const executablePath = process.env.FIREFOX ?? where.find(existsSync)
  if (!executablePath)
    throw new Error('Firefox is not installed: on Debian, apt-get install firefox-esr')
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    extraPrefsFirefox: {
      'intl.accept_languages': 'en-GB',
      'media.navigator.streams.fake': true,
      'media.navigator.audio.fake_frequency': hears,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      'media.autoplay.blocking_policy': 0,
    },
  })
}

/**
 * Runs in the page, as the ear of Chromium does. Without a loudspeaker, as on most machines that run
 * tests, Firefox lets no AudioContext run: so what the page plays is recorded and decoded, piece by
 * piece.
 */
function listen(tones: number[]): void {
  window.heyyEar = { last: {}, clicked: 0 }
  const PIECE_MS = 250
  const record = (stream: MediaStream) =>
    new Promise<Blob>((resolve) => {
      const recorder = new MediaRecorder(stream)
      recorder.ondataavailable = (e) => resolve(e.data)
      recorder.start()
      setTimeout(() => recorder.stop(), PIECE_MS)
    })
  /** How much of the power lies at hz, 0 to 1 (Goertzel). */
  const share = (samples: Float32Array, hz: number) => {
    const c = 2 * Math.cos((2 * Math.PI * hz) / 48000)
    let [power, a, b] = [0, 0, 0]
    for (const v of samples) {
      power += v * v
      const next = v + c * a - b
      b = a
      a = next
    }
    const n = samples.length
    return power / n < 1e-6 ? 0 : (2 * (a * a + b * b - c * a * b)) / n / power
  }
  const hear = async (stream: MediaStream) => {
    const piece = await (await record(stream)).arrayBuffer()
    const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(piece)
    const samples = sound.getChannelData(0).slice(-4096)
    for (const hz of tones) if (share(samples, hz) > 0.4) window.heyyEar.last[hz] = Date.now()
  }
  const round = async () => {
    const playing = [...document.querySelectorAll('audio')].filter((a) => !a.paused && !a.muted)
    const streams = playing.map((a) => a.srcObject).filter((s) => s instanceof MediaStream)
    const heard = streams.filter((s) => s.getAudioTracks().length > 0).map(hear)
    await Promise.allSettled(heard)
    setTimeout(() => void round(), 50)
  }
  void round()
}

/** Somebody in front of Firefox; what Person is for Chromium. */
export class FirefoxPerson {
  private constructor(readonly page: Page) {}

  static async open(browser: Browser, url: string, tones: number[]): Promise<FirefoxPerson> {
    const page = await browser.newPage()
    await page.setViewport({ width: 1280, height: 800 })
    await page.evaluateOnNewDocument(listen, tones)
    await page.evaluateOnNewDocument(() => {
      try {
        localStorage.setItem('heyy.mic', 'raw') // or the tones are taken for noise
        localStorage.setItem('heyy.mic-checked', '1')
      } catch {
        // The page before the first has no storage.
      }
    })
    await page.goto(url)
    return new FirefoxPerson(page)
  }

  /** A visible element by its role and the beginning of its name. */
  async find(role: 'button' | 'textbox', name: string): Promise<ElementHandle> {
    const tags = { button: 'button', textbox: 'input' }[role]
    const found = await this.page.waitForFunction(
      (selector, wanted) =>
        [...document.querySelectorAll<HTMLElement>(selector)].find((e) => {
          const label = (e as HTMLInputElement).labels?.[0]?.textContent
          const name = e.getAttribute('aria-label') ?? label ?? e.textContent ?? ''
          // Names of people are set apart by invisible marks.
          const plain = name.replaceAll(/[\u2066-\u2069]/g, '').trim()
          return plain.startsWith(wanted) && e.checkVisibility()
        }),
      { timeout: 10_000 },
      tags,
      name,
    )
    return found.asElement() as ElementHandle
  }

  async press(name: string): Promise<void> {
    const button = await this.find('button', name)
    // One that has just appeared takes no tap yet.
    await this.page.waitForFunction(
      (b) => b.getAttribute('aria-disabled') !== 'true',
      { timeout: 10_000 },
      button,
    )
    await button.click()
  }

  /** Finds a room in the lobby, and goes in. */
  async goInto(title: string): Promise<void> {
    const found = await this.page.waitForFunction(
      (wanted) =>
        [...document.querySelectorAll('a')].find((a) => {
          const card = a.closest('article, li') ?? a
          // One that has just appeared takes no tap yet.
          const stands = a.getAttribute('aria-disabled') !== 'true'
          return stands && card.textContent?.includes(wanted) && a.checkVisibility()
        }),
      { timeout: 10_000 },
      title,
    )
    await (found.asElement() as ElementHandle).click()
  }

  async fill(label: string, text: string): Promise<void> {
    await (await this.find('textbox', label)).type(text)
  }

  lastHeard(hz: number): Promise<number> {
    return this.page.evaluate((tone) => window.heyyEar.last[tone] ?? 0, hz)
  }

  async hears(hz: number, what: string): Promise<void> {
    await expect
      .poll(async () => Date.now() - (await this.lastHeard(hz)), {
        message: what,
        intervals: [100],
      })
      .toBeLessThan(800)
  }

  /** Says something to the server that must be right. */
  async tell(method: string, path: string, body?: object | string): Promise<void> {
    const said = await this.page.evaluate(
      async (how, where, what) => {
        const audio = typeof what === 'string'
        const answer = await fetch(where, {
          method: how,
          headers: {
            'Idempotency-Key': crypto.randomUUID(),
            ...(what === undefined
              ? {}
              : { 'Content-Type': audio ? 'audio/ogg' : 'application/json' }),
          },
          ...(what === undefined
            ? {}
            : {
                body: audio
                  ? Uint8Array.from(atob(what), (c) => c.charCodeAt(0))
                  : JSON.stringify(what),
              }),
        })
        return answer.ok ? '' : `${answer.status} ${await answer.text()}`
      },
      method,
      path,
      body,
    )
    expect(said, `${method} ${path}`).toBe('')
  }
}
