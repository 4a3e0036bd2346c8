import { Centrifuge, type PublicationContext, type Subscription } from 'centrifuge'
import { loadMe, me, type OwnEvent } from '../api'

/**
 * The one live connection. It is there while somebody who is signed in wants a channel.
 * Who asks for a channel is told each event, and when events may have been missed.
 */
export interface Listener<E> {
  event(event: E): void
  /** Subscribed without a full recovery: read the truth over HTTP. */
  missed(): void
  /** The server will not have us on this channel. */
  refused?(): void
}

/** The server may take longer than this to be reached on a bad line; a network back after a cut must not wait long. */
const FIRST_RETRY_MS = 200
const LONGEST_RETRY_MS = 2000
const CONNECT_TIMEOUT_MS = 3000
const PING_GRACE_MS = 3000

/** Who wants to know what the server tells this account alone. */
export type OwnListener = Listener<OwnEvent>

let client: Centrifuge | undefined
const owners = new Set<OwnListener>()

function connected(): Centrifuge {
  if (client) return client
  const url = new URL('/realtime', location.href)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  const who = me.get()
  if (who.status === 'in') url.searchParams.set('account', who.me.id)
  client = new Centrifuge(url.href, {
    minReconnectDelay: FIRST_RETRY_MS,
    maxReconnectDelay: LONGEST_RETRY_MS,
    timeout: CONNECT_TIMEOUT_MS,
    maxServerPingDelay: PING_GRACE_MS,
  })
  client.on('publication', (ctx) => {
    if (!isOwn(ctx.channel)) return
    // The payload is one of ours by contract: the channel carries nothing else.
    const said = ctx.data as OwnEvent
    // One of our sessions has ended (whether it is this one, the server says), or we are not who we were.
    if (said.type === 'signed_out' || said.type === 'me_changed') void loadMe()
    for (const owner of owners) owner.event(said)
  })
  client.on('subscribed', (ctx) => {
    if (!isOwn(ctx.channel) || (ctx.wasRecovering && ctx.recovered)) return
    for (const owner of owners) owner.missed()
  })
  // A connection the server ends for good is most often a session it no longer knows.
  client.on('disconnected', (ctx) => {
    if (ctx.code >= 3500) void loadMe()
  })
  // The server does not say why it refuses a socket; once in each outage it is asked who we are.
  let asked = false
  client.on('connected', () => {
    asked = false
  })
  client.on('error', () => {
    if (asked) return
    asked = true
    void loadMe()
  })
  client.connect()
  return client
}

/** The server subscribes us to this one by itself. */
const isOwn = (channel: string) => channel.startsWith('me:')

/** Keeps the line open, wherever in the app this person is, and tells what concerns them alone. */
export function listenOwn(owner: OwnListener): () => void {
  owners.add(owner)
  connected().connect()
  return () => owners.delete(owner)
}

export function listen<E>(channel: string, listener: Listener<E>): () => void {
  const c = connected()
  c.connect()
  const existing = c.getSubscription(channel)
  if (existing) c.removeSubscription(existing)
  const sub: Subscription = c.newSubscription(channel, {
    minResubscribeDelay: FIRST_RETRY_MS,
    maxResubscribeDelay: LONGEST_RETRY_MS,
  })
  // The payload is one of ours by contract: the channel carries nothing else.
  sub.on('publication', (ctx: PublicationContext) => listener.event(ctx.data as E))
  sub.on('subscribed', (ctx) => {
    if (!(ctx.wasRecovering && ctx.recovered)) listener.missed()
  })
  sub.on('unsubscribed', (ctx) => {
    // 0 is our own unsubscribe.
    if (ctx.code !== 0) listener.refused?.()
  })
  sub.subscribe()
  return () => {
    sub.unsubscribe()
    c.removeSubscription(sub)
  }
}

/** Drops the connection of somebody who signed out; the next listener makes a new one as who is in then. */
me.subscribe(() => {
  if (me.get().status !== 'out' || !client) return
  client.disconnect()
  client = undefined
})
