import { randomUUID } from 'node:crypto'
import { type BrowserContext, expect, type Page, test } from '@playwright/test'
import type { Relay } from './relay.ts'

/** The bound of the house: how long after a command a voice may still be heard. */
export const SILENT_WITHIN_MS = 500

/** Somebody in front of a browser of their own. */
export class Person {
  constructor(
    readonly name: string,
    /** What their microphone hears, in Hz. */
    readonly hz: number,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {}

  button(name: string | RegExp) {
    return this.page
      .getByRole('button', { name, exact: typeof name === 'string' })
      .filter({ visible: true })
      .first()
  }

  async press(name: string | RegExp): Promise<void> {
    await this.button(name).click()
  }

  /** Says something to the server that must be right. */
  async tell<T>(method: string, path: string, data?: object | Buffer, type?: string): Promise<T> {
    const headers = {
      'Idempotency-Key': randomUUID(),
      ...(type ? { 'Content-Type': type } : {}),
    }
    const answer = await this.context.request.fetch(this.url + path, {
      method,
      data,
      headers,
      timeout: 10_000,
    })
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
    const text = await answer.text()
    return (text === '' ? undefined : JSON.parse(text)) as T
  }

  /** The sign-in code that was sent to an address. */
  code(email: string): Promise<string> {
    return codeFor(this.context, this.url, email)
  }

  /** Becomes a member, by the API. */
  async register(name = this.name): Promise<void> {
    const email = address(name)
    await this.tell('POST', '/api/sign-in/code', { email, language: 'en' })
    const code = await this.code(email)
    await this.tell('POST', '/api/sign-in', { email, code })
    await this.tell('POST', '/api/me/sign-up', {
      birth_date: '1990-05-17',
      name,
      language: 'en',
    })
    await this.tell('PATCH', '/api/me', { onboarded: true })
  }

  /** Becomes a member, by the API, and stands in the lobby. */
  async signUp(): Promise<void> {
    await this.register()
    await this.page.goto(this.url)
    await expect(this.page.getByRole('heading', { level: 1, name: this.name })).toBeVisible()
  }

  /** Can be met: whoever is for friends and speaks English fits, and fits them. */
  async canBeMet(gender: string, voice: Buffer): Promise<string> {
    const open = {
      intents: [],
      languages: [],
      interests: [],
      verified_only: false,
    }
    await this.tell('PATCH', '/api/me', {
      gender,
      intents: ['friends'],
      interests: ['jazz', 'night_trains'],
      preferences: {
        meet: ['woman', 'man', 'nonbinary'],
        from: 18,
        to: 120,
        ...open,
      },
    })
    const me = await this.tell<{ id: string }>(
      'PUT',
      '/api/me/clips/0?prompt=best_sound',
      voice,
      'audio/ogg',
    )
    return me.id
  }

  /** Out of the queue: or they would wait there for those of the next test, their window closed. */
  async stopLooking(): Promise<void> {
    await this.press('Stop looking')
    await expect(this.button('Talk now')).toBeVisible()
  }

  /** Is met no more. */
  async cannotBeMet(): Promise<void> {
    await this.tell('PATCH', '/api/me', { paused: true })
  }

  /** Closes the browser, and stands in nobody's way: those of the next test look at Discover too. */
  async goHome(): Promise<void> {
    // Refused to whoever is signed out, or whose server is gone; they are in no Discover.
    await this.cannotBeMet().catch(() => undefined)
    await this.context.close()
  }

  /** Signs in with a code from the inbox, as somebody at a screen does. */
  async arrive(at = '/'): Promise<void> {
    const email = address(this.name)
    await this.page.goto(new URL(at, this.url).href)
    await this.page.getByLabel('Your email').fill(email)
    await this.press('Send me a code')
    const inbox = await this.context.newPage()
    await inbox.goto(`${this.url}/dev/inbox`)
    const code = await inbox
      .getByRole('article')
      .filter({ hasText: email })
      .getByTestId('code')
      .textContent()
    await inbox.close()
    await this.page.getByLabel('Code', { exact: true }).fill(code ?? '')
    await this.page.getByLabel('Your name').fill(this.name)
    await this.page.getByLabel('Day').fill('17')
    await this.page.getByLabel('Month').selectOption('5')
    await this.page.getByLabel('Year').fill('1990')
    await this.press('Continue')
    await this.press('Not now')
  }

  /** Opens a room from the lobby, and is its host. */
  async open(title: string): Promise<string> {
    await this.press('Start a room')
    await this.page.getByLabel('What is it about?').fill(title)
    await this.press('Open the room')
    await this.inRoom(title)
    return this.page.url()
  }

  /** Finds a room in the lobby, and goes in. */
  async goInto(title: string): Promise<void> {
    const { page } = this
    const inFront = page
      .getByRole('article')
      .filter({ has: page.getByRole('heading', { name: title }) })
    await page.getByRole('link', { name: title }).or(inFront.getByRole('link')).first().click()
    await this.inRoom(title)
  }

  /** Comes by the address of a room, and says yes at its door. */
  async follow(address: string, title: string): Promise<void> {
    await this.page.goto(new URL(new URL(address).pathname, this.url).href)
    await this.press(/^(Listen in|Bring it here)$/)
    await this.inRoom(title)
  }

  async inRoom(title: string | RegExp): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name: title })).toBeVisible()
    await expect(this.button('Leave quietly')).toBeVisible()
    await expect(this.page.getByText('Connecting the sound.')).toBeHidden()
  }

  async sit(): Promise<void> {
    await this.press('Take a seat')
    await expect(this.button('Unmute microphone')).toBeEnabled()
  }

  async unmute(): Promise<void> {
    await this.press('Unmute microphone')
    await expect(this.button('Mute microphone')).toBeVisible()
  }

  /** When a tone was last heard, in Unix milliseconds; 0: never since the page was opened. */
  lastHeard(hz: number): Promise<number> {
    return this.page.evaluate((tone) => window.heyyEar.last[tone] ?? 0, hz)
  }

  async hears(hz: number, what: string): Promise<void> {
    await expect
      .poll(async () => Date.now() - (await this.lastHeard(hz)), {
        message: what,
        intervals: [50],
      })
      .toBeLessThan(250)
  }

  /** Listens for a while. */
  async hearsNothing(hz: number, what: string, ms = 1000): Promise<void> {
    const begin = Date.now()
    await this.page.waitForTimeout(ms)
    expect(await this.lastHeard(hz), what).toBeLessThan(begin)
  }
}

/** The bound of the house, measured from the click to the last sound in another's page. */
export async function silentSoonAfter(
  clicker: Person,
  act: () => Promise<void>,
  ears: Person[],
  hz: number,
) {
  await act()
  const clicked = await clicker.page.evaluate(() => window.heyyEar.clicked)
  await clicker.page.waitForTimeout(1200)
  for (const ear of ears) {
    const still = Math.round((await ear.lastHeard(hz)) - clicked)
    test.info().annotations.push({ type: 'still heard', description: `${still} ms` })
    expect(still, `${ear.name} heard it for ${still} ms more`).toBeLessThanOrEqual(SILENT_WITHIN_MS)
  }
}

/** Cuts somebody's network for five seconds, in which a voice is gone; returns when it is back, in Unix ms. */
export async function cutForAWhile(who: Person, relay: Relay, hz: number): Promise<number> {
  relay.cut()
  const cut = Date.now()
  await who.page.waitForTimeout(5000)
  expect((await who.lastHeard(hz)) - cut, 'nothing comes through the cut').toBeLessThan(1500)
  const mended = Date.now()
  relay.mend()
  return mended
}

export function address(name: string): string {
  return `${name.toLowerCase()}-${randomUUID().slice(0, 8)}@example.org`
}

/** The newest sign-in code sent to an address. */
export async function codeFor(
  context: BrowserContext,
  url: string,
  email: string,
): Promise<string> {
  let code = ''
  await expect
    .poll(async () => {
      const inbox = await context.request.get(`${url}/api/dev/inbox`)
      const { mails } = (await inbox.json()) as {
        mails: { to: string; subject: string; text: string }[]
      }
      // The code is in the subject; other mails have none.
      const codes = mails.filter((m) => m.to === email).map((m) => /\b\d{6}\b/.exec(m.subject)?.[0])
      code = codes.find((one) => one) ?? ''
      return code
    }, `a code for ${email}`)
    .not.toBe('')
  return code
}
