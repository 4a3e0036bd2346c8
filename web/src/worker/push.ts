import { keepAnswer } from './answer'

/** The payload of a push: Payload of internal/talk/notify. */
interface Payload {
  title: string
  body?: string
  /** A notification replaces the one with the same tag. */
  tag?: string
  /** What a press opens: a path of the client. */
  url?: string
  kind?: string
  outcome?: string
  call_id?: string
  at?: number
  actions?: { action: 'accept' | 'decline'; title: string }[]
}

/** The data of a notification, for the press on it. */
interface Kept {
  url: string
  call?: string
}

/** A push that nobody can read is shown all the same: browsers end the subscription of who shows nothing. */
function payloadOf(data: PushMessageData | null): Payload {
  try {
    const told = data?.json()
    if (typeof told?.title === 'string') return told
  } catch {
    // Not ours.
  }
  return { title: 'Heyy' }
}

/** A path of this client; anything else opens its start. */
const pathOf = (url: unknown): string =>
  typeof url === 'string' && url.startsWith('/') && !url.startsWith('//') ? url : '/'

/** TypeScript does not know these of Notifications API yet. */
type Options = NotificationOptions & {
  actions?: { action: string; title: string }[]
  renotify?: boolean
  timestamp?: number
}

/** Shows a push. Where Heyy is in front, the page itself tells: there the notification goes at once. */
export async function received(
  self: ServiceWorkerGlobalScope,
  data: PushMessageData | null,
): Promise<void> {
  const told = payloadOf(data)
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const front = windows.some((one) => one.visibilityState === 'visible')
  const asks = Boolean(told.actions?.length)
  // How a call ended replaces the ring without a sound.
  const silent = front || (told.outcome !== undefined && told.outcome !== 'missed')
  const kept: Kept = { url: pathOf(told.url), call: told.call_id }
  const tag = told.tag || undefined
  const options: Options = {
    body: told.body ?? '',
    tag,
    icon: '/icons/icon-192.png',
    badge: '/icons/badge-96.png',
    data: kept,
    timestamp: told.at,
    actions: told.actions ?? [],
    requireInteraction: asks,
    renotify: tag !== undefined && !silent,
    silent: silent || undefined,
  }
  await self.registration.showNotification(told.title, options)
  if (!front) return
  for (const one of await self.registration.getNotifications({ tag })) one.close()
}

/** A press on a notification or on one of its buttons. */
export async function clicked(
  self: ServiceWorkerGlobalScope,
  notification: Notification,
  action: string,
): Promise<void> {
  notification.close()
  const { url, call } = notification.data as Kept
  if (action === 'decline' && call) {
    await command('POST', `/api/calls/${call}/decline`)
    return
  }
  if (action === 'accept' && call) await keepAnswer(call)
  await open(self, url)
}

/** In the window that is there, without loading it anew: a conversation may go on in it. */
async function open(self: ServiceWorkerGlobalScope, url: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const there = windows.find((one) => one.visibilityState === 'visible') ?? windows[0]
  if (!there) {
    await self.clients.openWindow(url)
    return
  }
  there.postMessage({ type: 'open', url })
  await there.focus().catch(() => undefined) // not allowed: it goes there all the same
}

/** The browser has ended a subscription, and may have made a new one. */
export async function renewed(
  self: ServiceWorkerGlobalScope,
  event: Partial<Pick<PushSubscriptionChangeEvent, 'newSubscription' | 'oldSubscription'>>,
): Promise<void> {
  const next =
    event.newSubscription ??
    (event.oldSubscription &&
      (await self.registration.pushManager.subscribe(event.oldSubscription.options)))
  if (!next) return // the next start makes one
  const { endpoint, keys } = next.toJSON()
  await command('PUT', '/api/me/push', { endpoint, p256dh: keys?.p256dh, auth: keys?.auth })
}

/** Best effort: a call that is not declined stops ringing by itself, and each start subscribes anew. */
async function command(method: string, url: string, body?: unknown): Promise<void> {
  await fetch(url, {
    method,
    headers: {
      'Idempotency-Key': crypto.randomUUID(),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch(() => undefined)
}
