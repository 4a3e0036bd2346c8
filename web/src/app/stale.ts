import i18next from 'i18next'
import { offer } from '../ui'
import { live } from '../voice/live'

/**
 * A page that is older than its server: parts of it that were not loaded yet are gone there. That is
 * neither a failure of ours nor a missing connection, and only loading the page anew helps.
 */

export class LoadFailed extends Error {}

const failed = new WeakSet<object>()

/** Whether a script or a style of this client could not be fetched. */
export const isLoadFailure = (thrown: unknown): boolean =>
  thrown instanceof LoadFailed ||
  (typeof thrown === 'object' && thrown !== null && failed.has(thrown))

export function watchLoads(): void {
  window.addEventListener('vite:preloadError', (event) => {
    failed.add(event.payload)
    void tell()
  })
}

let told = false

/** Also where no page failed with it: what plays a room, or encodes a recording. Said once. */
async function tell(): Promise<void> {
  if (!told && (await newer())) {
    told = true
    offer({
      text: i18next.t('app.stale.title'),
      action: { label: i18next.t('app.stale.action'), run: () => void reloadFresh() },
    })
  }
}

/** Whether the server has another client than this one. Undefined: it cannot be reached. */
export async function newer(): Promise<boolean | undefined> {
  try {
    // With a query no service worker answers in its place.
    const page = await fetch(`/?v=${Date.now()}`, { cache: 'no-store' })
    if (!page.ok) return undefined
    const html = await page.text()
    const entry = document.querySelector('script[type=module][src]')?.getAttribute('src')
    return entry != null && !html.includes(entry)
  } catch {
    return undefined
  }
}

/** How long a new service worker may take to be installed before we do without. */
const PATIENCE_MS = 4000

/** Loads the newest client, also where a service worker would answer with the old one. */
export async function reloadFresh(): Promise<void> {
  const workers = (await navigator.serviceWorker?.getRegistrations().catch(() => [])) ?? []
  await Promise.all(workers.map(renewed))
  location.reload()
}

async function renewed(worker: ServiceWorkerRegistration): Promise<void> {
  const inControl = new Promise<boolean>((done) => {
    navigator.serviceWorker.addEventListener('controllerchange', () => done(true), { once: true })
    setTimeout(() => done(false), PATIENCE_MS)
  })
  const next = () => worker.waiting?.postMessage({ type: 'SKIP_WAITING' })
  await worker.update().catch(() => undefined)
  worker.installing?.addEventListener('statechange', next)
  next()
  if ((worker.installing || worker.waiting) && (await inControl)) return
  // It is stuck: without it the server itself answers.
  await worker.unregister()
}

/**
 * Calls reload as soon as that takes nothing from anybody: nobody talks or records here, and nobody
 * looks. Until somebody looks away, they are asked.
 */
export function whenIdle(reload: () => void): void {
  const over = new AbortController()
  let asked = false
  const look = () => {
    if (over.signal.aborted || live.get().length > 0) return
    if (document.hidden) {
      over.abort()
      stop()
      reload()
      return
    }
    if (asked) return
    asked = true
    offer({
      text: i18next.t('app.stale.title'),
      action: { label: i18next.t('app.stale.action'), run: reload },
    })
  }
  const stop = live.subscribe(look)
  document.addEventListener('visibilitychange', look, { signal: over.signal })
  look()
}

/** Calls fn when nobody talks or records here. */
export function whenQuiet(fn: () => void): void {
  let done = false
  const look = () => {
    if (done || live.get().length > 0) return
    done = true
    stop()
    fn()
  }
  const stop = live.subscribe(look)
  look()
}
