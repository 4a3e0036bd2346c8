import { actingAs, uuid } from '../api/client'
import { Problem } from '../api/problem'
import type { ListenConnection, Offer, OnConnection, Path } from './mediaConnection'
import { pathIn } from './path'
import { newest } from './sources'

/**
 * WHEP client of the listening tier: audio of a room over a plain RTCPeerConnection, without LiveKit. The
 * server is ICE-lite and sends its candidates in the answer; ours are not needed, so nothing waits for
 * gathering. Nothing is ever renegotiated: after a network change a new session replaces the old one.
 */

/** As many people as can be heard at once. */
const SLOTS = 6
/** How often we look who is in which slot. */
const LOOK_MS = 60
/** How often we look whether the server still answers. */
const CHECK_MS = 500
/** Without an answer to our checks for this long the path is taken for broken. */
const QUIET_MS = 1500
/** A short loss of the path mends itself. */
const DISCONNECTED_MS = 1000
/** After this long without a connection we say so, and go on trying. */
const STUCK_MS = 4000
const CONNECT_MS = 10_000
/** A timer this late means that the machine or the page slept. */
const ASLEEP_MS = 5000

/** An offer that is made and not used yet: the tap only has to post it. */
let warm: Promise<Made> | undefined

interface Made {
  peer: RTCPeerConnection
  sdp: string
}

/** Makes an offer ahead. Also starts the browser's media engine, which takes several times as long. */
export async function warmOffer(): Promise<void> {
  warm ??= make(SLOTS)
  const mine = warm
  try {
    await mine
  } catch {
    // Another one may be on its way since.
    if (warm === mine) warm = undefined
  }
}

/** Makes an offer ahead as soon as the page has nothing better to do. */
export function warmOfferLater(): void {
  const rest = globalThis.requestIdleCallback ?? ((fn: () => void) => setTimeout(fn, 1500))
  rest(() => void warmOffer())
}

/**
 * An offer to receive the slots of a room; the one made ahead if there is one. The browser is told at once
 * that it is ours: that takes as long as the server's answer.
 */
export async function offerAudio(slots = SLOTS): Promise<Offer> {
  const ready = slots === SLOTS ? warm : undefined
  if (ready) warm = undefined
  const made = await ready?.catch(() => undefined)
  // A browser may have closed it while the page was put away.
  const usable = made && made.peer.signalingState !== 'closed'
  return new Listener(usable ? made : await make(slots))
}

async function make(slots: number): Promise<Made> {
  // Browsers inside other apps and the Lockdown Mode of iOS have none; no later try changes that.
  if (typeof RTCPeerConnection !== 'function') {
    throw new Problem({ code: 'no_webrtc', status: 0, detail: 'This browser has no WebRTC.' })
  }
  // The server has an address of its own; no stranger's STUN server is told who listens.
  const peer = new RTCPeerConnection({ iceServers: [], bundlePolicy: 'max-bundle' })
  try {
    const opus = opusOnly()
    for (let i = 0; i < slots; i++) {
      const transceiver = peer.addTransceiver('audio', { direction: 'recvonly' })
      if (opus.length > 0) transceiver.setCodecPreferences?.(opus)
    }
    const { sdp } = await peer.createOffer()
    if (!sdp) throw new Error('The browser made no offer.')
    return { peer, sdp: withStereo(withNack(sdp)) }
  } catch (thrown) {
    peer.close()
    throw thrown
  }
}

/** The only codec the tier sends; without the others the offer is a quarter as long. */
function opusOnly(): RTCRtpCodec[] {
  const known = globalThis.RTCRtpReceiver?.getCapabilities?.('audio')?.codecs ?? []
  return known.filter(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus')
}

/** Browsers ask for lost audio packets again only where this line is (RFC 4585). */
export function withNack(sdp: string): string {
  return sdp.replace(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim, (line, type: string) => {
    const nack = `a=rtcp-fb:${type} nack`
    return sdp.includes(`${nack}\r\n`) ? line : `${line.trimEnd()}\r\n${nack}\r`
  })
}

/** Browsers decode the two sides of music apart only where their own offer says so (RFC 7587). */
export function withStereo(sdp: string): string {
  const opus = new Set(
    [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2\r?$/gim)].map(([, type]) => type),
  )
  return sdp.replace(/^(a=fmtp:(\d+) .*?)\r?$/gm, (line, said: string, type: string) =>
    opus.has(type) && !/[ ;]stereo=/.test(said) ? `${said};stereo=1\r` : line,
  )
}

/** Ends a session at the server. It outlives the page that asks. */
function goodbye(url: string): void {
  const headers = { ...actingAs(), 'Idempotency-Key': uuid() }
  fetch(url, { method: 'DELETE', keepalive: true, credentials: 'same-origin', headers }).catch(
    // The server notices by itself that nobody listens.
    () => undefined,
  )
}

interface Slot {
  output: string
  receiver: RTCRtpReceiver
  voice: string | undefined
}

class Listener implements Offer, ListenConnection {
  readonly kind = 'listen'
  readonly sdp: string
  readonly #peer: RTCPeerConnection
  #on: OnConnection = () => {}
  #slots: Slot[] = []
  #url: string | undefined
  #closed = false
  #connected = false
  #weak = false
  #undo: (() => void)[] = []
  #disconnected: ReturnType<typeof setTimeout> | undefined
  /** What has arrived and was asked for, by the browser's own count. */
  #seen = { arrived: -1, asked: 0, at: 0 }
  #checkedAt = 0
  readonly #described: Promise<void>

  constructor({ peer, sdp }: Made) {
    this.#peer = peer
    this.sdp = sdp
    this.#described = this.#describe()
    this.#described.catch(() => undefined)
  }

  async accept(answered: { answer: string; url: string }, on: OnConnection): Promise<this> {
    this.#on = on
    this.#url = answered.url
    const leaving = () => this.#leave()
    window.addEventListener('pagehide', leaving)
    this.#undo.push(() => window.removeEventListener('pagehide', leaving))
    try {
      await this.#described
      const connected = this.#connects()
      connected.catch(() => undefined)
      await this.#peer.setRemoteDescription({ type: 'answer', sdp: answered.answer })
      this.#output()
      await connected
    } catch (thrown) {
      this.close()
      throw thrown
    }
    this.#watch()
    return this
  }

  heard(): string[] {
    return this.#slots.flatMap(({ voice }) => voice ?? [])
  }

  async path(): Promise<Path | undefined> {
    return pathIn(await this.#peer.getStats().catch(() => undefined))
  }

  alive(): boolean {
    return performance.now() - this.#checkedAt < ASLEEP_MS && !this.#weak
  }

  close(url?: string): void {
    if (url !== undefined) this.#url = url
    if (!this.#closed) {
      this.#closed = true
      clearTimeout(this.#disconnected)
      for (const undo of this.#undo) undo()
      this.#peer.close()
    }
    this.#leave()
  }

  #leave(): void {
    if (this.#url !== undefined) goodbye(this.#url)
    this.#url = undefined
  }

  async #describe(): Promise<void> {
    try {
      await this.#peer.setLocalDescription({ type: 'offer', sdp: this.sdp })
    } catch {
      // A browser that takes its own words only: without repeats of lost packets, then.
      await this.#peer.setLocalDescription()
    }
  }

  /** Tells of a track for each slot that the answer fills. */
  #output(): void {
    this.#peer.getTransceivers().forEach(({ receiver, currentDirection }, i) => {
      if (currentDirection === 'inactive' || currentDirection === 'stopped') return
      const output = `slot-${i}`
      this.#slots.push({ output, receiver, voice: undefined })
      this.#on({ type: 'output', output, track: receiver.track })
    })
  }

  /** Resolves with ICE and DTLS. */
  #connects(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stuck = setTimeout(() => this.#on({ type: 'stuck', why: 'blocked' }), STUCK_MS)
      const late = setTimeout(() => fail(), CONNECT_MS)
      const fail = () => {
        done()
        reject(new Error('No connection to the listening tier.'))
      }
      const done = () => {
        clearTimeout(stuck)
        clearTimeout(late)
        this.#peer.removeEventListener('connectionstatechange', look)
      }
      const look = () => {
        const { connectionState } = this.#peer
        if (connectionState === 'failed' || connectionState === 'closed') fail()
        if (connectionState !== 'connected') return
        done()
        resolve()
      }
      this.#peer.addEventListener('connectionstatechange', look)
      this.#undo.push(fail)
      look()
    })
  }

  #watch(): void {
    this.#connected = true
    warmOfferLater()
    this.#checkedAt = performance.now()
    this.#seen.at = this.#checkedAt
    const looking = setInterval(() => this.#look(), LOOK_MS)
    const checking = setInterval(() => void this.#check(), CHECK_MS)
    const visible = () => document.visibilityState === 'visible' && void this.#check()
    const changed = () => this.#changed()
    this.#peer.addEventListener('iceconnectionstatechange', changed)
    this.#peer.addEventListener('connectionstatechange', changed)
    document.addEventListener('visibilitychange', visible)
    this.#undo.push(() => {
      clearInterval(looking)
      clearInterval(checking)
      this.#peer.removeEventListener('iceconnectionstatechange', changed)
      this.#peer.removeEventListener('connectionstatechange', changed)
      document.removeEventListener('visibilitychange', visible)
    })
    this.#look()
    // It may have changed before anybody watched.
    this.#changed()
  }

  #changed(): void {
    const { iceConnectionState, connectionState } = this.#peer
    clearTimeout(this.#disconnected)
    if (iceConnectionState === 'failed' || connectionState === 'failed') {
      this.#lose()
    } else if (iceConnectionState === 'disconnected') {
      this.#disconnected = setTimeout(() => this.#doubt(true), DISCONNECTED_MS)
    } else if (iceConnectionState === 'connected' || iceConnectionState === 'completed') {
      this.#doubt(false)
    }
  }

  #lose(): void {
    if (this.#closed || !this.#connected) return
    this.#connected = false
    this.#on({ type: 'closed', why: 'lost' })
  }

  #doubt(weak: boolean): void {
    if (this.#closed || this.#weak === weak) return
    this.#weak = weak
    this.#on({ type: 'connection', state: weak ? 'reconnecting' : 'connected' })
  }

  /**
   * Whether the server still answers: the browser itself notices after five seconds and more. Silence in
   * the room is no sign, but each STUN check of ours has an answer.
   */
  async #check(): Promise<void> {
    const report = await this.#peer.getStats().catch(() => undefined)
    if (this.#closed || !report) return
    const now = performance.now()
    let arrived = 0
    let asked = 0
    report.forEach((stat: RTCIceCandidatePairStats) => {
      if (stat.type !== 'candidate-pair' || !stat.nominated) return
      arrived += (stat.responsesReceived ?? 0) + (stat.bytesReceived ?? 0)
      asked += stat.requestsSent ?? 0
    })
    const slept = now - this.#checkedAt > ASLEEP_MS
    this.#checkedAt = now
    const seen = this.#seen
    if (arrived !== seen.arrived) {
      this.#seen = { arrived, asked, at: now }
      if (this.#peer.iceConnectionState !== 'disconnected') this.#doubt(false)
    } else if (slept || (asked - seen.asked >= 2 && now - seen.at >= QUIET_MS)) this.#doubt(true)
  }

  /** Who is in which slot: the packets say it themselves, in step with the sound (CSRC, RFC 3550). */
  #look(): void {
    const said = this.#slots.map((slot) => ({
      slot,
      now: newest(slot.receiver.getContributingSources?.()),
    }))
    for (const { slot, now } of said) {
      // Somebody who has changed slots is in the newer one.
      const moved = said.some(
        (other) =>
          other.slot !== slot && other.now?.source === now?.source && older(now, other.now),
      )
      const voice = now && !moved ? String(now.source) : undefined
      if (voice === slot.voice) continue
      slot.voice = voice
      this.#on({ type: 'speaker', output: slot.output, voice })
    }
  }
}

const older = (one: { age: number } | undefined, other: { age: number } | undefined) =>
  one !== undefined && other !== undefined && one.age > other.age
