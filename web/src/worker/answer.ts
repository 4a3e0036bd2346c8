/**
 * A call that was answered from its notification, on its way from the service worker to a page. It takes
 * no address: whoever knows a call, such as the caller, must not make somebody answer it by a link.
 */

const CACHE = 'heyy-answer'
const KEY = '/answer'
/** A ring is over by then. */
const FRESH_MS = 60_000

interface Answer {
  call: string
  at: number
}

export async function keepAnswer(call: string): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.put(KEY, Response.json({ call, at: Date.now() } satisfies Answer))
}

/** The call to answer, once; undefined: none. */
export async function takeAnswer(): Promise<string | undefined> {
  try {
    const cache = await caches.open(CACHE)
    const found = await cache.match(KEY)
    // Of two windows, the one that deletes it has it.
    if (!found || !(await cache.delete(KEY))) return undefined
    const { call, at } = (await found.json()) as Answer
    return Date.now() - at < FRESH_MS ? call : undefined
  } catch {
    return undefined // no storage, no answer: the screen still rings
  }
}
