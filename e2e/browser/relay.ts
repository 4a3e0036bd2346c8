import dgram from 'node:dgram'
import net from 'node:net'

/**
 * A piece of network that can be cut: TCP and UDP pass through it to the same
 * machine. While it is cut nothing passes and nobody is told, as when a cable is
 * pulled somewhere on the way.
 */
export class Relay {
  #cut = false
  #tcp: net.Server
  #sockets = new Set<net.Socket>()
  #udp = dgram.createSocket('udp4')
  #ways = new Map<string, dgram.Socket>()

  constructor(
    readonly tcpPort: number,
    readonly udpPort: number,
    to: { tcp: number; udp: number },
  ) {
    this.#tcp = net.createServer((near) => {
      const far = net.connect(to.tcp, '127.0.0.1')
      this.#join(near, far)
      this.#join(far, near)
    })
    this.#tcp.listen(tcpPort, '127.0.0.1')
    this.#udp.bind(udpPort, '127.0.0.1')
    this.#udp.on('message', (packet, from) => {
      if (!this.#cut) this.#way(from).send(packet, to.udp, '127.0.0.1')
    })
  }

  /** Each near end is a far end of its own, so that answers find their way. */
  #way(from: dgram.RemoteInfo): dgram.Socket {
    const key = `${from.address}:${from.port}`
    const known = this.#ways.get(key)
    if (known) return known
    const way = dgram.createSocket('udp4')
    way.on('message', (packet) => {
      if (!this.#cut) this.#udp.send(packet, from.port, from.address)
    })
    this.#ways.set(key, way)
    return way
  }

  #join(from: net.Socket, to: net.Socket): void {
    this.#sockets.add(from)
    from.setNoDelay(true)
    if (this.#cut) from.pause()
    from.on('data', (data) => {
      if (!to.write(data)) from.pause()
    })
    to.on('drain', () => {
      if (!this.#cut) from.resume()
    })
    from.on('end', () => to.end())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }

  cut(): void {
    this.#cut = true
    for (const socket of this.#sockets) socket.pause()
  }

  mend(): void {
    this.#cut = false
    for (const socket of this.#sockets) socket.resume()
  }

  close(): void {
    this.#tcp.close()
    for (const socket of this.#sockets) socket.destroy()
    for (const way of this.#ways.values()) way.close()
    this.#udp.close()
  }
}

/**
 * For the page of whoever lives behind a relay: the media server names its own
 * port, and the way there leads through ours. Audio over TCP does not. The page
 * names no address of its own, or the server would find the short way to it.
 */
export function throughRelay({ server, relay }: { server: number; relay: number }): void {
  const way = (line: string) => {
    // On localhost the server names a second port for Firefox, which would be a way round the relay.
    if (/ tcp /i.test(line) || !line.includes(` ${server} typ `)) return undefined
    return line.replace(` ${server} typ `, ` ${relay} typ `)
  }
  // These methods have older forms with callbacks, which nobody uses any more.
  type Add = (this: RTCPeerConnection, candidate?: RTCIceCandidateInit | null) => Promise<void>
  type Describe = (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void>
  type Create = (this: RTCPeerConnection, options?: object) => Promise<RTCSessionDescriptionInit>
  const peer = RTCPeerConnection.prototype as {
    addIceCandidate: Add
    setRemoteDescription: Describe
    createOffer: Create
    createAnswer: Create
  }
  const { addIceCandidate, setRemoteDescription } = peer
  peer.addIceCandidate = function (candidate) {
    if (!candidate?.candidate) return addIceCandidate.call(this, candidate)
    const changed = way(candidate.candidate)
    if (changed === undefined) return Promise.resolve()
    const { sdpMid = null, sdpMLineIndex = null } = candidate
    return addIceCandidate.call(this, {
      candidate: changed,
      sdpMid,
      sdpMLineIndex,
    })
  }
  peer.setRemoteDescription = function ({ type, sdp }) {
    const lines = sdp?.split('\r\n').map((l) => (l.startsWith('a=candidate:') ? way(l) : l))
    return setRemoteDescription.call(this, {
      type,
      sdp: lines?.filter((l) => l !== undefined).join('\r\n') ?? '',
    })
  }
  Object.defineProperty(peer, 'onicecandidate', {
    set: () => undefined,
    get: () => null,
  })
  for (const name of ['createOffer', 'createAnswer'] as const) {
    const create = peer[name]
    peer[name] = async function (options) {
      const { type, sdp = '' } = await create.call(this, options)
      const lines = sdp.split('\r\n').filter((l) => !l.startsWith('a=candidate:'))
      return { type, sdp: lines.join('\r\n') }
    }
  }
}
