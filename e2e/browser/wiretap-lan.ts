import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The house, and two who call. */
export const HOUSE = '10.77.0.1'
export const ADA = '10.77.0.2'
export const BEN = '10.77.0.3'

/** Set aside for documentation: nobody is there, and whoever asks them for a name is seen asking. */
const NAME_SERVER = '192.0.2.53'

/** No part of it looks like an address above. */
const mac = (address: string) => `02:77:00:00:00:0${address.slice(-1)}`

/**
 * A machine of its own as far as the network goes: a namespace without a name,
 * which is gone when nothing runs in it any more. What holds it open reads from
 * a pipe of ours, so it ends when we do, however we end; and so does whatever is
 * started in it.
 */
export class Host {
  private constructor(
    readonly address: string,
    private readonly life: ChildProcess,
  ) {}

  /** A host beside another, or the first of all. */
  static async start(address: string, names: string, beside?: Host): Promise<Host> {
    const own = beside || asRoot ? [] : ['--map-root-user']
    const [command = '', ...args] = [
      ...(beside && !asRoot ? beside.into('--user', '--preserve-credentials') : []),
      ...['unshare', ...own, '--net', '--mount', 'sh', '-c'],
      `mount --bind '${names}' /etc/resolv.conf && echo here && exec cat`,
    ]
    const life = spawn(command, args)
    const said: string[] = []
    await new Promise<void>((here, failed) => {
      life.stdout.once('data', () => here())
      life.stderr.on('data', (text) => said.push(`${text}`))
      life.once('error', failed)
      life.once('close', () => failed(new Error(said.join('').trim())))
    })
    return new Host(address, life)
  }

  private into(...spaces: string[]): string[] {
    return ['nsenter', `--target=${this.life.pid}`, ...spaces]
  }

  /** What a command begins with that is to run here, and to end no later than we do. */
  get within(): string[] {
    const user = asRoot ? [] : ['--user', '--preserve-credentials']
    return [...this.into(...user, '--net', '--mount'), 'setpriv', '--pdeathsig', 'KILL']
  }

  run(...command: string[]): void {
    const [first = '', ...rest] = [...this.within, ...command]
    execFileSync(first, rest, { stdio: ['ignore', 'ignore', 'pipe'] })
  }

  /** Lines for `ip`, done one after another. */
  ip(...lines: string[]): void {
    for (const line of lines) this.run('ip', ...line.split(' '))
  }

  get pid(): number {
    return this.life.pid ?? 0
  }

  async stop(): Promise<void> {
    const { life } = this
    const gone = new Promise((resolve) => life.once('close', resolve))
    if (life.exitCode !== null || life.signalCode !== null) return
    life.stdin?.end()
    await gone
  }
}

const asRoot = process.getuid?.() === 0

/**
 * Three hosts on one wire, where each can reach each. Everything else leads by
 * way of the house, which lets nothing pass: it goes nowhere, but it is seen.
 */
export class Lan {
  private constructor(
    readonly house: Host,
    readonly ada: Host,
    readonly ben: Host,
    private readonly folder: string,
  ) {}

  static async start(): Promise<Lan> {
    const folder = mkdtempSync(join(tmpdir(), 'heyy-lan-'))
    const hosts: Host[] = []
    try {
      const names = join(folder, 'resolv.conf')
      writeFileSync(names, `nameserver ${NAME_SERVER}\n`)
      const house = await Host.start(HOUSE, names)
      hosts.push(house)
      const ada = await Host.start(ADA, names, house)
      hosts.push(ada)
      const ben = await Host.start(BEN, names, house)
      hosts.push(ben)
      join3(house, ada, ben)
      return new Lan(house, ada, ben, folder)
    } catch (e) {
      for (const host of hosts) await host.stop()
      rmSync(folder, { recursive: true, force: true })
      throw new Error(
        `No network namespaces can be made here: run this test as root on Linux, or let everybody make them (user.max_user_namespaces). ${e}`,
      )
    }
  }

  /** A program that starts another in a host, with the arguments it is given. */
  program(host: Host, program: string): string {
    const file = join(this.folder, `at-${host.address}`)
    const words = [...host.within, program].map((word) => `'${word}'`)
    writeFileSync(file, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`)
    chmodSync(file, 0o755)
    return file
  }

  async stop(): Promise<void> {
    for (const host of [this.ben, this.ada, this.house]) await host.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/**
 * A bridge in the house, and a cable from it to each. As between two places on
 * the internet each can write to each, and nobody can call out to all; so they
 * know from the start where the others are. IPv6 is not spoken.
 */
function join3(house: Host, ...callers: Host[]): void {
  house.ip(
    'link set lo up',
    'link add lan type bridge mcast_snooping 0',
    `link set lan address ${mac(HOUSE)} addrgenmode none up`,
    `address add ${HOUSE}/24 dev lan`,
  )
  for (const caller of callers) {
    const port = `to${caller.address.slice(-1)}`
    caller.ip(
      'link set lo up',
      `link add eth0 type veth peer name ${port} netns ${house.pid}`,
      `link set eth0 address ${mac(caller.address)} addrgenmode none up`,
      `address add ${caller.address}/24 dev eth0`,
      `route add default via ${HOUSE}`,
    )
    house.ip(
      `link set ${port} addrgenmode none master lan up`,
      `link set ${port} type bridge_slave mcast_flood off bcast_flood off`,
      `neighbour add ${caller.address} lladdr ${mac(caller.address)} nud permanent dev lan`,
    )
    for (const other of [house, ...callers]) {
      if (other === caller) continue
      caller.ip(
        `neighbour add ${other.address} lladdr ${mac(other.address)} nud permanent dev eth0`,
      )
    }
  }
}
