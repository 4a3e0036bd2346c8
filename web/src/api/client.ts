import createClient from 'openapi-fetch'
import { heardDate } from './clock'
import { Problem } from './problem'
import type { paths } from './schema'

/** Pauses before the second and the third try. A lost packet is worth two more tries, an outage is not. */
const PAUSES = [250, 1000]

export interface Wire {
  fetch(request: Request): Promise<Response>
  sleep(ms: number): Promise<void>
  key(): string
}

const browser: Wire = {
  fetch: (request) => globalThis.fetch(request),
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),
  key: uuid,
}

/** A random UUID, also where the page is not a secure context and crypto.randomUUID is missing. */
export function uuid(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x40
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

let acting: string | undefined

/**
 * Whom this page is for. All tabs of a browser share one cookie, so the server is told with every
 * request and refuses to act as somebody else.
 */
export function actAs(account: string): void {
  acting = account
}

export function actingAs(): Record<string, string> {
  return acting === undefined ? {} : { 'Heyy-Account': acting }
}

/**
 * The one way to the server. Every command carries an Idempotency-Key, so that a try whose answer
 * was lost can be repeated without acting twice. Anything but success is thrown as a Problem.
 * Signing in is not yet a command of a known person and has no key: it is tried once.
 */
export function courier(wire: Wire = browser, onRefused: (problem: Problem) => void = () => {}) {
  return async (request: Request): Promise<Response> => {
    const command = request.method !== 'GET' && request.method !== 'HEAD'
    const signingIn = new URL(request.url).pathname.startsWith('/api/sign-in')
    if (command && !signingIn && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', wire.key())
    }
    if (!signingIn) {
      for (const [name, value] of Object.entries(actingAs())) request.headers.set(name, value)
    }
    const pauses = signingIn && command ? [] : PAUSES
    for (let attempt = 0; ; attempt++) {
      let response: Response
      try {
        // A body can be sent once; the copy keeps it for the next try.
        response = await wire.fetch(request.clone())
      } catch (thrown) {
        if (request.signal.aborted) throw thrown
        const pause = pauses[attempt]
        if (pause === undefined) throw Problem.offline()
        await wire.sleep(pause)
        continue
      }
      heardDate(response.headers.get('Date'))
      if (response.ok) return response
      const problem = await Problem.fromResponse(response)
      onRefused(problem)
      throw problem
    }
  }
}

const refused = new Set<(problem: Problem) => void>()

/** Tells fn every refusal of the server, whoever asked. */
export function onRefusal(fn: (problem: Problem) => void): () => void {
  refused.add(fn)
  return () => refused.delete(fn)
}

export function tellRefusal(problem: Problem): void {
  for (const fn of refused) fn(problem)
}

/** Sends what the generated client cannot; as everything else, with a key and with more than one try. */
export const send = courier(browser, tellRefusal)

export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? 'http://localhost',
  credentials: 'same-origin',
  fetch: send,
})

/** The data of an answer; the courier has already thrown everything that is not one. */
export async function answer<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call
  if (data === undefined) {
    throw new Problem({ code: 'unreadable', status: 0, detail: 'The answer was empty.' })
  }
  return data
}
