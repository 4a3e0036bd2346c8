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
    private readonly data: string,
    private readonly process: ChildProcess,
    private readonly said: string[],
    private readonly printed: string[],
  ) {}

  get url(): string {
    return `http://${this.host}:${this.port}`
  }

  static start(...more: string[]): Promise<Server> {
    return Server.startAt('localhost', [], ...more)
  }

  /** The same at another address, by a command that leads to where that is. */
  static async startAt(host: string, by: string[], ...more: string[]): Promise<Server> {
    const [port, tcp, udp] = [await freeTcp(), await freeTcp(), await freeUdp()]
    const data = await mkdtemp(join(tmpdir(), 'heyy-browser-'))
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([k]) => !k.startsWith('HEYY_')),
    )
    const [program = binary, ...args] = [...by, binary]
    const child = spawn(
      program,
      [
        ...args,
        ...['serve', '--data', data, '--listen', `${host}:${port}`, '--drain-timeout', '0s'],
        ...['--media-signal-port', '0', '--media-tcp-port', `${tcp}`],
        ...['--media-udp-ports', `${udp}`, ...more],
      ],
      { cwd: data, env, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const said: string[] = []
    const printed: string[] = []
    child.stdout?.setEncoding('utf8').on('data', (text: string) => printed.push(text))
    await new Promise<void>((ready, failed) => {
      const late = setTimeout(
        () => failed(new Error(`not ready after 20 s:\n${said.join('')}`)),
        20_000,
      )
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said.push(text)
        if (!said.join('').includes('msg=ready')) return
        clearTimeout(late)
        ready()
      })
      child.once('error', failed)
      child.once('exit', () =>
        failed(new Error(`the server ended at its start:\n${said.join('')}`)),
      )
    })
    return new Server(host, port, tcp, udp, data, child, said, printed)
  }

  get log(): string {
    return this.said.join('')
  }

  /** What somebody at its terminal reads, such as sign-in codes. */
  get terminal(): string {
    return this.printed.join('')
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve))
    if (this.process.exitCode === null) {
      this.process.kill('SIGKILL')
      await gone
    }
    await rm(this.data, { recursive: true, force: true })
  }
}
