import { execFileSync } from 'node:child_process'
import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  randomUUID,
  verify,
} from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext } from '@playwright/test'
import { freeTcp } from './ports.ts'

/** The payload of a push, as a service worker gets it. */
export interface Push {
  kind: string
  title: string
  body: string
  tag: string
  url: string
  outcome?: string
  call_id?: string
}

interface Device {
  key: ECDH
  auth: Buffer
}

/**
 * A push service (RFC 8030) on this machine, in place of a vendor's, which a test cannot reach. It takes
 * what is encrypted for a subscription (RFC 8291) by who has the right key (RFC 8292), and refuses the rest.
 */
export class Gateway {
  readonly #devices = new Map<string, Device>()
  readonly #paths = new Map<BrowserContext, string>()
  #got: { path: string; push: Push }[] = []
  /** Why something was refused. */
  readonly refused: string[] = []
  /** The key of the server whose pushes are taken, in base64url. */
  vapidKey = ''

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly dir: string,
  ) {}

  static async start(): Promise<Gateway> {
    const dir = mkdtempSync(join(tmpdir(), 'heyy-gateway-'))
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
        ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=localhost'],
        ...['-addext', 'subjectAltName=DNS:localhost'],
      ],
      { stdio: 'ignore' },
    )
    const port = await freeTcp()
    const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
    const gateway = new Gateway(server, `https://localhost:${port}`, dir)
    server.on('request', (request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        const { url = '', headers } = request
        response.writeHead(gateway.#take(url, headers, Buffer.concat(parts))).end()
      })
    })
    await new Promise<void>((ready) => server.listen(port, 'localhost', ready))
    return gateway
  }

  /** Of the certificate, for a server that is to trust it. */
  get certificate(): string {
    return join(this.dir, 'cert.pem')
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((closed) => this.server.close(closed))
    rmSync(this.dir, { recursive: true, force: true })
  }

  /** Lets the browser of a context show notifications, and subscribe here. */
  async take(context: BrowserContext): Promise<void> {
    await context.grantPermissions(['notifications'])
    const path = `/push/${randomUUID()}`
    const key = createECDH('prime256v1')
    key.generateKeys()
    const auth = randomBytes(16)
    this.#devices.set(path, { key, auth })
    await context.addInitScript(subscribeTo, {
      endpoint: this.url + path,
      keys: { p256dh: key.getPublicKey('base64url'), auth: auth.toString('base64url') },
    })
    this.#paths.set(context, path)
  }

  /** What was pushed to the browser of a context since the last time. */
  fresh(context: BrowserContext): Push[] {
    const path = this.#paths.get(context)
    const mine = this.#got.filter((one) => one.path === path)
    this.#got = this.#got.filter((one) => one.path !== path)
    return mine.map((one) => one.push)
  }

  #take(path: string, headers: NodeJS.Dict<string | string[]>, body: Buffer): number {
    const device = this.#devices.get(path)
    if (!device) return 410
    try {
      this.#authorize(String(headers.authorization))
      if (headers['content-encoding'] !== 'aes128gcm' || !headers.ttl) throw new Error('headers')
      this.#got.push({ path, push: JSON.parse(decrypt(device, body).toString()) })
      return 201
    } catch (thrown) {
      this.refused.push(String(thrown))
      return 400
    }
  }

  #authorize(header: string): void {
    const [, token = '', k = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(header) ?? []
    const [head = '', claims = '', signature = ''] = token.split('.')
    const point = Buffer.from(k, 'base64url')
    const part = (from: number) => point.subarray(from, from + 32).toString('base64url')
    const key = createPublicKey({
      key: { kty: 'EC', crv: 'P-256', x: part(1), y: part(33) },
      format: 'jwk',
    })
    const signed = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    )
    const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    if (!signed || k !== this.vapidKey) throw new Error('signed by somebody else')
    if (aud !== this.url || exp * 1000 < Date.now())
      throw new Error('not for this service, or late')
    if (!/^(mailto:|https:\/\/)/.test(sub)) throw new Error(`no contact: ${sub}`)
  }
}

function decrypt({ key, auth }: Device, body: Buffer): Buffer {
  const salt = body.subarray(0, 16)
  const length = body.readUInt8(20)
  const theirs = body.subarray(21, 21 + length)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), key.getPublicKey(), theirs])
  const secret = Buffer.from(hkdfSync('sha256', key.computeSecret(theirs), auth, info, 32))
  const derive = (what: string, size: number) =>
    Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${what}\0`, size))
  const sealed = body.subarray(21 + length)
  const open = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  open.setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()])
  return padded.subarray(0, padded.lastIndexOf(2))
}

interface Subscription {
  endpoint: string
  keys: { p256dh: string; auth: string }
}

/** Runs in the page: what PushManager does with a vendor's service, kept for the next page. */
function subscribeTo({ endpoint, keys }: Subscription): void {
  if (!('PushManager' in window)) return
  const kept = 'test.push'
  const bytes = (text: string) =>
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const made = () => {
    const key = localStorage.getItem(kept)
    if (key === null) return null
    return {
      endpoint,
      options: { userVisibleOnly: true, applicationServerKey: bytes(key).buffer },
      toJSON: () => ({ endpoint, keys }),
      unsubscribe: async () => {
        localStorage.removeItem(kept)
        return true
      },
    }
  }
  Object.assign(PushManager.prototype, {
    getSubscription: async () => made(),
    subscribe: async ({ applicationServerKey }: { applicationServerKey: string }) => {
      if (Notification.permission !== 'granted') throw new DOMException('', 'NotAllowedError')
      localStorage.setItem(kept, applicationServerKey)
      return made()
    },
  })
}
