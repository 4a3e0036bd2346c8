import { answer, api, me, onGoodbye, Problem } from '../api'
import { hereZone } from '../i18n/times'
import { browserOf } from '../ui/browser'
import { type Readable, Writable } from '../ui/store'

/** Whether this browser gets pushes. */
export type PushState =
  | 'unknown' // not looked yet
  | 'impossible' // it has none
  | 'home_screen' // an iPhone has, once Heyy is on its home screen
  | 'blocked' // its person has said no
  | 'off'
  | 'on'

const state = new Writable<PushState>('unknown')

/** Pushes in this browser, for who is signed in here. */
export const push: Readable<PushState> = state

/** The browser's part. Tests bring their own. */
export interface PushBrowser {
  /** The service worker; undefined: there is none. */
  registration(): Promise<ServiceWorkerRegistration | undefined>
  permission(): NotificationPermission
  ask(): Promise<NotificationPermission>
}

export const pushBrowser: PushBrowser = {
  registration: async () => (import.meta.env.PROD ? navigator.serviceWorker?.ready : undefined),
  permission: () => Notification.permission,
  ask: () => Notification.requestPermission(),
}

function possible(): PushState | undefined {
  if ('PushManager' in window && 'Notification' in window && 'serviceWorker' in navigator) return
  const apple = browserOf(navigator.userAgent, navigator.maxTouchPoints) === 'ios'
  const installed = matchMedia('(display-mode: standalone)').matches
  return apple && !installed ? 'home_screen' : 'impossible'
}

const localKey = (what: string) => {
  const who = me.get()
  return `heyy.${what}.${who.status === 'in' ? who.me.id : ''}`
}

/** The wish outlives the session: who signs in here again has it again. */
const wishKey = () => localKey('push')

function wished(): boolean {
  try {
    return localStorage.getItem(wishKey()) === 'on'
  } catch {
    return false
  }
}

function wish(on: boolean): void {
  try {
    if (on) localStorage.setItem(wishKey(), 'on')
    else localStorage.removeItem(wishKey())
  } catch {
    // Asked again at the next start.
  }
}

/** At each start: what this browser can do, and the subscription as the server should have it. */
export async function startPush(): Promise<void> {
  const not = possible()
  if (not) return state.set(not)
  const registration = await pushBrowser.registration()
  if (!registration) return state.set('impossible')
  const permission = pushBrowser.permission()
  if (permission === 'denied') return state.set('blocked')
  if (permission !== 'granted' || !wished()) return state.set('off')
  try {
    await subscribe(registration)
    state.set('on')
  } catch {
    // Offline, or the push service is: the one of the last start is most likely still true.
    const known = await registration.pushManager.getSubscription().catch(() => null)
    state.set(known ? 'on' : 'off')
  }
}

/** From a press: the browser asks its person first. Gives why it is not on; undefined: it is, or they said no. */
export async function turnPushOn(): Promise<Problem | undefined> {
  const registration = await pushBrowser.registration()
  if (!registration) return unavailable
  const permission = await pushBrowser.ask()
  if (permission !== 'granted') {
    state.set(permission === 'denied' ? 'blocked' : 'off')
    return undefined
  }
  try {
    await subscribe(registration)
  } catch (thrown) {
    state.set('off')
    return thrown instanceof Problem ? thrown : unavailable
  }
  wish(true)
  state.set('on')
  return undefined
}

/**
 * Quiet hours, the limit of a day and the times in emails are in the time zone of who has chosen none
 * yet. Said once in each browser, at a start: who takes no pushes gets emails.
 */
export async function tellZone(): Promise<void> {
  const key = localKey('zone')
  const here = hereZone()
  if (here === 'UTC' || localStorage.getItem(key)) return
  const { subscribed, ...settings } = await answer(api.GET('/api/me/notifications'))
  if (settings.time_zone === 'UTC') {
    await api.PUT('/api/me/notifications', { body: { ...settings, time_zone: here } })
  }
  localStorage.setItem(key, here)
}

export async function turnPushOff(): Promise<Problem | undefined> {
  wish(false)
  state.set('off')
  try {
    await api.DELETE('/api/me/push')
  } catch (thrown) {
    wish(true)
    state.set('on')
    return Problem.of(thrown)
  }
  const registration = await pushBrowser.registration()
  const known = await registration?.pushManager.getSubscription().catch(() => null)
  await known?.unsubscribe().catch(() => undefined)
  return undefined
}

/** The browser has no way to its vendor's push service, or will not use it. */
const unavailable = new Problem({ code: 'push.unavailable', status: 0, detail: '' })

/** Makes sure that the browser has a subscription with our key, and that the server knows it. */
async function subscribe({ pushManager }: ServiceWorkerRegistration): Promise<void> {
  const { key } = await answer(api.GET('/api/push-key'))
  let known = await pushManager.getSubscription()
  if (known && keyOf(known) !== key) {
    await known.unsubscribe() // of another installation, or from before its keys were lost
    known = null
  }
  known ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { endpoint = '', keys } = known.toJSON()
  await api.PUT('/api/me/push', {
    body: { endpoint, p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' },
  })
}

/** The key that a subscription was made with, in base64url. */
function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/** Closes the notifications of an account that is signed out. */
async function wipe(): Promise<void> {
  const registration = await pushBrowser.registration()
  for (const one of (await registration?.getNotifications()) ?? []) one.close()
}

/** The browser takes no pushes for who comes next, until they wish it. */
async function leave(): Promise<void> {
  await wipe()
  const registration = await pushBrowser.registration()
  await (await registration?.pushManager?.getSubscription())?.unsubscribe()
}

onGoodbye(leave)
// Their session has ended elsewhere.
me.subscribe(() => {
  if (me.get().status !== 'out') return
  state.set('unknown')
  void wipe().catch(() => undefined)
})
