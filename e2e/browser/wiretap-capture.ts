import { type ChildProcess, spawn } from 'node:child_process'
import type { Host } from './wiretap-lan.ts'

/** A packet as it passed. What is not IPv4 has no addresses, what is neither TCP nor UDP no ports. */
export interface Packet {
  frame: Buffer
  kind: 'TCP' | 'UDP' | `IP ${number}` | `Ethernet ${string}`
  from: string
  to: string
  fromPort: number
  toPort: number
  /** Of TCP: the number of its first byte. */
  seq: number
  /** Where the payload of TCP or UDP begins and ends in the frame. */
  begin: number
  end: number
}

/**
 * Writes what passes at a network card, as tcpdump would (pcap). That one wants to
 * become another user first, which whoever is root in a namespace only cannot.
 * The numbers are Linux's: AF_PACKET, SOCK_RAW, ETH_P_ALL; SO_RCVBUF and its form
 * for root; SIOCGIFINDEX; SOL_PACKET, PACKET_STATISTICS.
 */
const READER = `
use strict;
socket(my $card, 17, 3, 0) or die "socket: $!";
setsockopt($card, 1, $_, pack("i", 16 << 20)) for 8, 33;
ioctl($card, 0x8933, my $ask = pack("a16 i x20", "eth0")) or die "eth0: $!";
bind($card, pack("S n i x12", 17, 3, unpack("x16 i", $ask))) or die "bind: $!";
$SIG{INT} = sub {
  my ($all, $lost) = unpack("II", getsockopt($card, 263, 6));
  print STDERR "lost: $lost\n";
  exit;
};
syswrite(STDOUT, pack("VvvVVVV", 0xa1b2c3d4, 2, 4, 0, 0, 1 << 18, 1));
while (1) {
  defined recv($card, my $frame, 1 << 18, 0) or next;
  syswrite(STDOUT, pack("VVVV", time, 0, (length $frame) x 2) . $frame);
}
`

/** Everything that passes at a host's network card. */
export class Capture {
  #bytes: Buffer[] = []
  #said = ''

  private constructor(private readonly reader: ChildProcess) {
    reader.stdout?.on('data', (bytes: Buffer) => this.#bytes.push(bytes))
    reader.stderr?.on('data', (text) => (this.#said += text))
  }

  static async start(host: Host): Promise<Capture> {
    const [command = '', ...args] = [...host.within, 'perl', '-e', READER]
    const capture = new Capture(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }))
    await new Promise<void>((ready, failed) => {
      capture.reader.stdout?.once('data', () => ready())
      capture.reader.once('error', failed)
      capture.reader.once('close', () => failed(new Error(`no capture: ${capture.#said}`)))
    })
    return capture
  }

  /** What has passed up to now, for Wireshark and the like. */
  get file(): Buffer {
    return Buffer.concat(this.#bytes)
  }

  packets(): Packet[] {
    return packetsOf(this.file)
  }

  /** Ends it, and says how many packets passed unseen. */
  async stop(): Promise<number> {
    const { reader } = this
    const gone = new Promise((resolve) => reader.once('close', resolve))
    if (reader.exitCode === null && reader.signalCode === null) {
      reader.kill('SIGINT')
      await gone
    }
    return Number(/lost: (\d+)/.exec(this.#said)?.[1] ?? Number.NaN)
  }
}

/** Reads a capture up to its last whole packet. */
function packetsOf(file: Buffer): Packet[] {
  if (file.length < 24) return []
  const [magic, link] = [file.readUInt32LE(0), file.readUInt32LE(20)]
  if (magic !== 0xa1b2c3d4 || link !== 1) throw new Error('this is no capture of Ethernet')
  const all: Packet[] = []
  for (let at = 24; at + 16 <= file.length; ) {
    const [kept, long] = [file.readUInt32LE(at + 8), file.readUInt32LE(at + 12)]
    if (kept !== long) throw new Error('a packet was cut short')
    at += 16
    if (at + kept > file.length) break
    all.push(packetOf(file.subarray(at, at + kept)))
    at += kept
  }
  return all
}

function packetOf(frame: Buffer): Packet {
  const none = { frame, from: '', to: '', fromPort: 0, toPort: 0, seq: 0, begin: 14, end: 14 }
  const type = frame.readUInt16BE(12)
  if (type !== 0x0800) return { ...none, kind: `Ethernet ${type.toString(16).padStart(4, '0')}` }
  const ip = { ...none, from: address(frame, 26), to: address(frame, 30) }
  const protocol = frame.readUInt8(23)
  const fragment = (frame.readUInt16BE(20) & 0x3fff) !== 0
  const begin = 14 + (frame.readUInt8(14) & 15) * 4
  // Large ones are cut to size by the card, which here there is none.
  const end = 14 + frame.readUInt16BE(16)
  if (fragment || (protocol !== 6 && protocol !== 17)) return { ...ip, kind: `IP ${protocol}` }
  const ports = { fromPort: frame.readUInt16BE(begin), toPort: frame.readUInt16BE(begin + 2) }
  if (protocol === 17) return { ...ip, ...ports, kind: 'UDP', begin: begin + 8, end }
  return {
    ...{ ...ip, ...ports, kind: 'TCP', seq: frame.readUInt32BE(begin + 4) },
    ...{ begin: begin + (frame.readUInt8(begin + 12) >> 4) * 4, end },
  }
}

const address = (frame: Buffer, at: number) => frame.subarray(at, at + 4).join('.')

const named = (p: Packet) => `${p.kind} ${p.from}:${p.fromPort} > ${p.to}:${p.toPort}`

/**
 * The packets that do not pass between one and the doors of the house. The two
 * may also tell each other that nobody listens any more (ICMP), and one may tell
 * the wire what it listens to (IGMP), as browsers let it do; but say nothing there.
 */
export function astray(
  packets: Packet[],
  one: string,
  house: { address: string; tcp: number[]; udp: number[] },
): string[] {
  const door = (kind: Packet['kind'], port: number) =>
    (kind === 'TCP' && house.tcp.includes(port)) ||
    (kind === 'UDP' && house.udp.includes(port)) ||
    kind === 'IP 1'
  const expected = ({ kind, from, to, fromPort, toPort }: Packet) =>
    (from === one && to === house.address && door(kind, toPort)) ||
    (from === house.address && to === one && door(kind, fromPort)) ||
    (from === one && kind === 'IP 2')
  return packets
    .filter((p) => !expected(p))
    .map((p) => `${named(p)} ${words(p.frame.subarray(p.begin, p.end))}`)
}

/** What letters there are in bytes: the name that somebody asks for, say. */
const words = (bytes: Buffer) =>
  (bytes.toString('latin1').match(/[a-z0-9-]+/gi) ?? []).slice(0, 8).join('.')

/** The forms in which these bytes name an address. */
export function formsOf(address: string, bytes: Buffer): string[] {
  const raw = Buffer.from(address.split('.').map(Number))
  const cookie = [0x21, 0x12, 0xa4, 0x42] // RFC 8489, 14.2
  const forms = {
    'as bytes': raw,
    'as STUN maps it': Buffer.from(raw.map((byte, i) => byte ^ (cookie[i] ?? 0))),
    'as text': Buffer.from(address),
  }
  return Object.entries(forms)
    .filter(([, form]) => bytes.includes(form))
    .map(([name]) => name)
}

/** Where an address is named: in packets, and across them in what TCP carries. */
export function mentions(packets: Packet[], address: string): string[] {
  const found: string[] = []
  packets.forEach((p, i) => {
    for (const form of formsOf(address, legible(p))) found.push(`${named(p)}, no. ${i}, ${form}`)
  })
  for (const [name, bytes] of streams(packets)) {
    for (const form of formsOf(address, bytes)) found.push(`${name}, across packets, ${form}`)
  }
  return found
}

/**
 * A packet without its enciphered voice, which says everything by chance: in a
 * megabyte of it any four bytes turn up once in 4,300 times. Its header counts.
 * Told from STUN and DTLS by the first byte (RFC 7983), RTCP from RTP by the
 * second (RFC 5761).
 */
function legible({ frame, kind, begin, end }: Packet): Buffer {
  const voice = kind === 'UDP' && end - begin >= 12 && (frame.readUInt8(begin) & 0xc0) === 0x80
  if (!voice) return frame
  const second = frame.readUInt8(begin + 1)
  if (second >= 192 && second <= 223) return frame.subarray(0, begin + 8)
  const [first, sources] = [frame.readUInt8(begin), begin + 12]
  const more = sources + (first & 15) * 4
  const extension = (first & 16) !== 0 && more + 4 <= end ? 4 + frame.readUInt16BE(more + 2) * 4 : 0
  return frame.subarray(0, Math.min(end, more + extension))
}

/** What each TCP connection carried, each way. */
function streams(packets: Packet[]): Map<string, Buffer> {
  const ways = new Map<string, Packet[]>()
  for (const p of packets) {
    if (p.kind !== 'TCP' || p.end <= p.begin) continue
    ways.set(named(p), [...(ways.get(named(p)) ?? []), p])
  }
  const all = new Map<string, Buffer>()
  for (const [name, way] of ways) {
    const zero = way[0]?.seq ?? 0
    const pieces = way
      .map((p) => ({ at: (p.seq - zero) | 0, bytes: p.frame.subarray(p.begin, p.end) }))
      .sort((a, b) => a.at - b.at)
    let next = Number.NEGATIVE_INFINITY
    const fresh: Buffer[] = []
    for (const { at, bytes } of pieces) {
      if (at + bytes.length <= next) continue
      fresh.push(bytes.subarray(Math.max(0, next - at)))
      next = at + bytes.length
    }
    all.set(name, Buffer.concat(fresh))
  }
  return all
}
