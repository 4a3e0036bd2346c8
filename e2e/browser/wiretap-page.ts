import type { BrowserContext } from '@playwright/test'
import { formsOf } from './wiretap-capture.ts'

/** Something a page was told or could ask for. */
interface Word {
  what: string
  bytes: Buffer
}

/** A line of getStats. */
export interface Stat {
  type: string
  address?: string
  protocol?: string
  [more: string]: unknown
}

declare global {
  interface Window {
    heyyTold(what: string, latin1: string): Promise<void>
    heyyStats(): Promise<Stat[]>
  }
}

/** All that a person's pages come to know: answers, sockets, peer connections. */
export class Knowledge {
  readonly words: Word[] = []
  #reading: Promise<unknown>[] = []

  /** From before the first page. */
  async begin(context: BrowserContext): Promise<void> {
    const told = (what: string, said: string | Buffer) =>
      this.words.push({ what, bytes: Buffer.from(said) })
    await context.exposeBinding('heyyTold', (_, what: string, latin1: string) => {
      told(what, Buffer.from(latin1, 'latin1'))
    })
    await context.addInitScript(watch)
    context.on('response', (answer) => {
      const from = `answer to ${answer.request().method()} ${answer.url()}`
      told(from, JSON.stringify(answer.headers()))
      const read = answer.body().then(
        (body) => told(from, body),
        () => undefined, // it had none, or the page was left before; the wire has it still
      )
      this.#reading.push(read)
    })
    context.on('page', (page) => {
      page.on('websocket', (socket) => {
        told('socket', socket.url())
        socket.on('framesent', ({ payload }) => told(`sent to ${socket.url()}`, payload))
        socket.on('framereceived', ({ payload }) => told(`got from ${socket.url()}`, payload))
      })
    })
  }

  /** Takes in what was still being read. */
  async settle(): Promise<void> {
    await Promise.all(this.#reading)
  }

  add(what: string, said: unknown): void {
    this.words.push({ what, bytes: Buffer.from(JSON.stringify(said)) })
  }

  /** The words that name an address, and how. */
  mentions(address: string): string[] {
    return this.words.flatMap(({ what, bytes }) =>
      formsOf(address, bytes).map((form) => `${what}, ${form}`),
    )
  }
}

/** Runs in the page: tells what passes at its peer connections, and changes nothing. */
function watch(): void {
  const told = (what: string, said: unknown) =>
    void window.heyyTold(what, typeof said === 'string' ? said : JSON.stringify(said))
  const heard = (channel: RTCDataChannel) => {
    channel.addEventListener('message', async ({ data }) => {
      const buffer = data instanceof Blob ? await data.arrayBuffer() : data
      if (typeof buffer === 'string') return told('data channel', buffer)
      const bytes = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte))
      told('data channel', bytes.join(''))
    })
  }
  const all: RTCPeerConnection[] = []
  window.heyyStats = async () => {
    const reports = await Promise.all(all.map((peer) => peer.getStats()))
    return reports.flatMap((report) => [...(report as unknown as Map<string, Stat>).values()])
  }

  // These methods have older forms with callbacks, which nobody uses any more.
  type Describe = (description?: RTCLocalSessionDescriptionInit) => Promise<void>
  const Real = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Real {
    constructor(settings?: RTCConfiguration) {
      super(settings)
      all.push(this)
      told('ice servers', settings?.iceServers ?? [])
      this.addEventListener('icecandidate', (e) => told('own candidate', e.candidate))
      this.addEventListener('datachannel', (e) => heard(e.channel))
      const [local, remote, candidate, create] = [
        this.setLocalDescription.bind(this) as Describe,
        this.setRemoteDescription.bind(this) as Describe,
        this.addIceCandidate.bind(this) as (c?: RTCIceCandidateInit | null) => Promise<void>,
        this.createDataChannel.bind(this),
      ]
      this.setLocalDescription = async (description?: RTCLocalSessionDescriptionInit) => {
        await local(description)
        told('own description', this.localDescription)
      }
      this.setRemoteDescription = (description: RTCSessionDescriptionInit) => {
        told('description', description)
        return remote(description)
      }
      this.addIceCandidate = (init?: RTCIceCandidateInit | null) => {
        told('candidate', init)
        return candidate(init)
      }
      this.createDataChannel = (...args) => {
        const channel = create(...args)
        heard(channel)
        return channel
      }
    }
  }
}
