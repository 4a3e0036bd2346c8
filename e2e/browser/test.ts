import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Browser,
  type BrowserContext,
  test as base,
  chromium,
  type ViewportSize,
} from '@playwright/test'
import { chromiumHere } from '../../scripts/chromium.mjs'
import { listen } from './ear.ts'
import { Person } from './person.ts'
import { Server } from './server.ts'

export { expect } from '@playwright/test'

/** The tones of the voices; a browser has one microphone, so each is a browser of its own. */
export const A = 440
export const B = 1000
/** More of them, none near another or its overtones. */
export const MORE = [620, 1430, 1910, 2570] as const
const TONES = [A, B, ...MORE]

export interface Options {
  size: ViewportSize
  touch: boolean
}

interface Wish {
  /** What their microphone hears. */
  hz?: number
  /** A WAV file that it hears instead, over and over, as somebody's who speaks, not plays. */
  says?: string
  url?: string
  /** Their browser refuses the microphone. */
  denied?: boolean
  /** They have seen the microphone check before. */
  checked?: boolean
  headers?: Record<string, string>
  /** A small screen on which little moves: where many share a machine, painting is what costs. */
  calm?: boolean
  /** Their ear looks for no tones, which costs: where many speak and somebody else listens. */
  deaf?: boolean
  /** What is to happen to their browser before its first page. */
  before?: (context: BrowserContext) => Promise<unknown>
}

interface Each {
  /** Somebody in front of a browser, not signed in. */
  someone(name: string, wish?: Wish): Promise<Person>
  /** Somebody signed in, in the lobby. */
  member(name: string, wish?: Wish): Promise<Person>
}

/** How a browser is started, and with what besides. */
interface Home {
  program: string
  args: string[]
}

interface Shared {
  heyy: Server
  /** Where the browser of a voice lives; prompts: it asks before it opens the microphone. */
  home(hears: number | string, prompts: boolean): Home
  browser: Browser
  /** hears: a tone in Hz, or a WAV file. */
  browsers(hears: number | string, denied: boolean): Promise<Browser>
}

function launch(home: Home, wav: string, denied: boolean): Promise<Browser> {
  return chromium.launch({
    executablePath: home.program,
    args: [
      ...home.args,
      ...[
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
      ],
      // The shell has no speech service: a page that asks for one crashes.
      '--disable-blink-features=OnDeviceWebSpeechAvailable',
      ...['--disable-sync', '--no-first-run', '--autoplay-policy=no-user-gesture-required'],
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${wav}`,
      denied ? '--deny-permission-prompts' : '--use-fake-ui-for-media-stream',
    ],
  })
}

/** A WAV file of one tone. */
function tone(dir: string, hz: number): string {
  const wav = join(dir, `${hz}.wav`)
  const sine = ['synth', '30', 'sine', `${hz}`, 'vol', '0.5']
  execFileSync('sox', ['-n', '-r', '48000', '-c', '1', wav, ...sine])
  return wav
}

/** Runs in the page: five frames a second, not sixty. */
function slowFrames(): void {
  window.requestAnimationFrame = (draw) => window.setTimeout(() => draw(performance.now()), 200)
  window.cancelAnimationFrame = (frame) => window.clearTimeout(frame)
}

export const test = base.extend<Options & Each, Shared>({
  size: [{ width: 1280, height: 800 }, { option: true }],
  touch: [false, { option: true }],

  heyy: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => {
      const server = await Server.start()
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],

  home: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => use((_, prompts) => ({ program: chromiumHere({ prompts }), args: [] })),
    { scope: 'worker' },
  ],

  browsers: [
    async ({ home }, use) => {
      const dir = mkdtempSync(join(tmpdir(), 'heyy-tones-'))
      const open = new Map<string, Browser>()
      await use(async (hears, denied) => {
        const key = `${hears} ${denied}`
        let browser = open.get(key)
        if (!browser?.isConnected()) {
          const wav = typeof hears === 'string' ? hears : tone(dir, hears)
          browser = await launch(home(hears, denied), wav, denied)
          open.set(key, browser)
        }
        return browser
      })
      for (const browser of open.values()) await browser.close()
      rmSync(dir, { recursive: true, force: true })
    },
    { scope: 'worker' },
  ],

  someone: async ({ heyy, browsers, size, touch }, use, info) => {
    const all: Person[] = []
    const said: string[] = []
    await use(async (name, wish = {}) => {
      const { hz = A, url = heyy.url, denied = false, checked = true, calm = false } = wish
      const { says } = wish
      const browser = await browsers(says ?? hz, denied)
      const context = await browser.newContext({
        viewport: calm ? { width: 390, height: 700 } : size,
        ...(calm ? { reducedMotion: 'reduce', deviceScaleFactor: 1 } : {}),
        hasTouch: touch,
        isMobile: touch,
        locale: 'en-GB',
        colorScheme: 'dark',
        ...(wish.headers ? { extraHTTPHeaders: wish.headers } : {}),
      })
      await context.addInitScript(listen, wish.deaf ? [] : TONES)
      await context.addInitScript(
        ([raw, seen]) => {
          if (raw) localStorage.setItem('heyy.mic', 'raw') // or the tones are taken for noise
          if (seen) localStorage.setItem('heyy.mic-checked', '1')
        },
        [says === undefined, checked],
      )
      if (calm) await context.addInitScript(slowFrames)
      await wish.before?.(context)
      const page = await context.newPage()
      page.on('console', (m) => m.type() === 'error' && said.push(`${name}: ${m.text()}`))
      page.on('pageerror', (e) => said.push(`${name}: ${e.stack}`))
      const person = new Person(name, hz, context, page, url)
      all.push(person)
      return person
    })
    if (info.status !== info.expectedStatus) {
      for (const { name, page } of all) {
        if (page.isClosed()) continue
        await info.attach(name, {
          body: await page.screenshot(),
          contentType: 'image/png',
        })
      }
      await info.attach('the browsers said', {
        body: said.join('\n'),
        contentType: 'text/plain',
      })
      await info.attach('the server said', {
        body: heyy.log,
        contentType: 'text/plain',
      })
    }
    await Promise.all(all.map((person) => person.goHome()))
  },

  member: async ({ someone }, use) => {
    await use(async (name, wish) => {
      const person = await someone(name, wish)
      await person.signUp()
      return person
    })
  },
})
