import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freeTcp, freeUdp } from './ports.ts'

const binary = resolve(process.env.HEYY_BIN ?? join(import.meta.dirname, '../../bin/heyy'))

/** One real server on fresh data and free ports. */
export class Server {
  private constructor(
    private readonly host: string,
    readonly port: number,
    /** Of audio, where UDP does not pass. */
    readonly tcpPort: number,
    readonly udpPort: number,
    /** Of audio for those who only listen. */
    readonly audiencePort: number,
    private readonly data: string,
    private readonly command: string[],
  ) {}

  #process: ChildProcess | undefined
  readonly #said: string[] = []
  readonly #printed: string[] = []

  get url(): string {
    return `http://${this.host}:${this.port}`
  }

  static start(...more: string[]): Promise<Server> {
    return Server.startAt('localhost', [], ...more)
  }

  /** The same at another address, by a command that leads to where that is. */
  static async startAt(host: string, by: string[], ...more: string[]): Promise<Server> {
    const [port, tcp, udp] = [await freeTcp(), await freeTcp(), await freeUdp()]
    const audience = await freeUdp()
    const data = await mkdtemp(join(tmpdir(), 'heyy-browser-'))
    const [program = binary, ...args] = [...by, binary]
    const command = [
      ...[program, ...args],
      ...['serve', '--data', data, '--listen', `${host}:${port}`, '--drain-timeout', '0s'],
      ...['--media-signal-port', '0', '--media-tcp-port', `${tcp}`],
      ...['--media-udp-ports', `${udp}`, '--audience-port', `${audience}`, ...more],
    ]
    const server = new Server(host, port, tcp, udp, audience, data, command)
    await server.#begin()
    return server
  }

  /** Resolves when it says that it is ready. */
  async #begin(): Promise<void> {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([k]) => !k.startsWith('HEYY_')),
    )
    const [program = binary, ...args] = this.command
    const child = spawn(program, args, { cwd: this.data, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#process = child
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#printed.push(text))
    const said: string[] = []
    await new Promise<void>((ready, failed) => {
      const late = setTimeout(
        () => failed(new Error(`not ready after 20 s:\n${said.join('')}`)),
        20_000,
      )
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said.push(text)
        this.#said.push(text)
        if (!said.join('').includes('msg=ready')) return
        clearTimeout(late)
        ready()
      })
      child.once('error', failed)
      child.once('exit', () =>
        failed(new Error(`the server ended at its start:\n${said.join('')}`)),
      )
    })
  }

  /** Ends at once, as by a crash. */
  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await gone
  }

  /** Begins again on the same data and ports. */
  async restart(): Promise<void> {
    await this.kill()
    await this.#begin()
  }

  get log(): string {
    return this.#said.join('')
  }

  /** What somebody at its terminal reads, such as sign-in codes. */
  get terminal(): string {
    return this.#printed.join('')
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.data, { recursive: true, force: true })
  }
}
