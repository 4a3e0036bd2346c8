import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from '@playwright/test'
import { chromiumHere } from '../../scripts/chromium.mjs'
import { Person } from './person.ts'
import { Server } from './server.ts'
import { A, B, test as base } from './test.ts'
import { astray, Capture, mentions } from './wiretap-capture.ts'
import { ADA, BEN, HOUSE, type Host, Lan } from './wiretap-lan.ts'
import { Knowledge } from './wiretap-page.ts'

const voice = readFileSync(
  resolve(import.meta.dirname, '../../internal/lab/resident/voices/intro/theo.opus'),
)

/** Fewer packets than this are no voice. */
const SOME_VOICE = 100

/**
 * What Chromium wants of its maker, whoever is visited, it wants of itself here,
 * where nobody answers. Names are resolved as ever.
 */
const nowhere = 'https://127.0.0.1:9/'
const aloof = [
  `--gaia-url=${nowhere}`,
  `--component-updater=url-source=${nowhere}`,
  `--autofill-server-url=${nowhere}`,
  `--optimization-guide-service-get-hints-url=${nowhere}`,
  `--optimization-guide-service-get-models-url=${nowhere}`,
]

/** The house on a host of its own, and so each of two callers: whose voice is A, and whose is B. */
const test = base.extend<{ tap(host: Host): Promise<Capture> }, { lan: Lan }>({
  lan: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => {
      const lan = await Lan.start()
      await use(lan)
      await lan.stop()
    },
    { scope: 'worker' },
  ],

  heyy: [
    async ({ lan }, use) => {
      // Plain HTTP, so that on the wire everything can be read.
      const server = await Server.startAt(HOUSE, lan.house.within, '--allow-plain-http')
      await use(server)
      await server.stop()
    },
    { scope: 'worker' },
  ],

  home: [
    async ({ lan, heyy }, use) => {
      // Or there is no microphone over plain HTTP.
      const args = [...aloof, `--unsafely-treat-insecure-origin-as-secure=${heyy.url}`]
      await use((hz) => ({
        program: lan.program(hz === A ? lan.ada : lan.ben, chromiumHere({ prompts: true })),
        args,
      }))
    },
    { scope: 'worker' },
  ],

  // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
  tap: async ({}, use, info) => {
    const all = new Map<Host, Capture>()
    await use(async (host) => {
      const capture = await Capture.start(host)
      all.set(host, capture)
      return capture
    })
    for (const [host, capture] of all) {
      await capture.stop()
      if (info.status === info.expectedStatus) continue
      await info.attach(`${host.address}.pcap`, {
        body: capture.file,
        contentType: 'application/vnd.tcpdump.pcap',
      })
    }
  },
})

/** Somebody on another host than ours: whatever they say to the server, their browser says it. */
class Caller extends Person {
  constructor(
    { name, hz, context, page, url }: Person,
    private readonly heyy: Server,
    readonly knows: Knowledge,
  ) {
    super(name, hz, context, page, url)
  }

  override async tell<T>(
    method: string,
    path: string,
    data?: object | Buffer,
    type = 'application/json',
  ): Promise<T> {
    const bytes = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data ?? null))
    const answer = await this.page.evaluate(
      async ({ method, path, type, base64 }) => {
        const body = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
        const headers = { 'Idempotency-Key': crypto.randomUUID(), 'Content-Type': type }
        const answer = await fetch(path, { method, headers, body })
        return { ok: answer.ok, text: await answer.text() }
      },
      { method, path, type, base64: bytes.toString('base64') },
    )
    expect(answer.ok, `${method} ${path}: ${answer.text}`).toBe(true)
    return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T
  }

  /** Read by the owner at the terminal, and passed on. */
  override async code(email: string): Promise<string> {
    const line = new RegExp(`^mail to ${email}: .*?\\b(\\d{6})\\b`, 'm')
    await expect.poll(() => this.heyy.terminal, `a code for ${email}`).toMatch(line)
    return line.exec(this.heyy.terminal)?.[1] ?? ''
  }
}

test('on the wire a caller meets the house and nobody else, and never learns where the other is', async ({
  lan,
  heyy,
  tap,
  someone,
}) => {
  test.setTimeout(180_000)
  const house = { address: HOUSE, tcp: [heyy.port, heyy.tcpPort], udp: [heyy.udpPort] }
  const [atAda, atBen] = [await tap(lan.ada), await tap(lan.ben)]

  const caller = async (name: string, hz: number, gender: string) => {
    const knows = new Knowledge()
    const before = (context: Person['context']) => knows.begin(context)
    const who = new Caller(await someone(name, { hz, before }), heyy, knows)
    await who.page.goto(who.url)
    await who.signUp()
    await who.canBeMet(gender, voice)
    return who
  }
  const ada = await caller('Ada', A, 'woman')
  const ben = await caller('Ben', B, 'man')
  const both = [
    { who: ada, wire: atAda, own: ADA, other: BEN },
    { who: ben, wire: atBen, own: BEN, other: ADA },
  ]

  await test.step('they are brought together, talk for a while, and part', async () => {
    for (const { who } of both) {
      await who.page.goto(`${who.url}/call`)
      await who.press('Talk now')
    }
    for (const { who } of both) await who.press('Say hello')
    const hearEachOther = async () => {
      await ada.hears(B, 'Ada hears Ben')
      await ben.hears(A, 'Ben hears Ada')
    }
    await hearEachOther()
    await ben.press('Mute microphone')
    await expect(ada.page.getByText(/^.?Ben.? is muted$/).first()).toBeVisible()
    await ben.press('Unmute microphone')
    await hearEachOther()
    for (const { who } of both) await who.press(/Ask for 3 more minutes/)
    await expect(ada.page.getByRole('timer', { name: 'Time left' })).toContainText(/^(9|10):/)
    await ada.page.waitForTimeout(3000)
    await hearEachOther()
    for (const { who } of both) {
      const stats = await who.page.evaluate(() => window.heyyStats())
      who.knows.add('statistics', stats)
      const far = stats.filter((s) => s.type === 'remote-candidate')
      expect(new Set(far.map((s) => s.address)), `${who.name} talks with the house`).toEqual(
        new Set([HOUSE]),
      )
    }
    await ada.press('Leave the call')
    await expect(ben.button('Heart')).toBeVisible()
    for (const { who } of both) await who.press('Heart')
    await ada.page.waitForTimeout(1000)
  })

  await test.step('what passed was between them and the house, and named neither to the other', async () => {
    for (const { who, wire, own, other } of both) {
      const packets = wire.packets()
      expect(astray(packets, own, house), `${who.name}: packets to or from others`).toEqual([])
      expect(mentions(packets, other), `${who.name}: the other on the wire`).toEqual([])
      await who.knows.settle()
      expect(who.knows.mentions(other), `${who.name}: the other in the page`).toEqual([])
    }
  })

  await test.step('the same eyes see what is there', async () => {
    for (const { who, wire, own } of both) {
      const packets = wire.packets()
      const voices = (from: string) => packets.filter((p) => p.kind === 'UDP' && p.from === from)
      expect(voices(own).length, `${who.name}'s voice`).toBeGreaterThan(SOME_VOICE)
      expect(voices(HOUSE).length, `${who.name}'s ear`).toBeGreaterThan(SOME_VOICE)
      const seen = [...mentions(packets, HOUSE), ...mentions(packets, own)].join('\n')
      for (const form of ['as bytes', 'as text', 'as STUN maps it', 'across packets, as text']) {
        expect(seen, `${who.name}: addresses that are on the wire`).toContain(form)
      }
      const known = [...who.knows.mentions(HOUSE), ...who.knows.mentions(own)].join('\n')
      for (const what of ['own description', 'description', 'candidate', 'answer to', 'got from']) {
        expect(known, `${who.name}: addresses the page knows`).toContain(`${what}`)
      }
    }
  })

  await test.step('a word from one to the other, or to somebody else, would have been seen', async () => {
    lan.ada.run('bash', '-c', `echo hello >/dev/udp/${BEN}/9`)
    for (const { wire, own, other } of both) {
      const hello = expect.stringMatching(`^UDP ${ADA}:\\d+ > ${BEN}:9 hello$`)
      await expect.poll(() => astray(wire.packets(), own, house)).toContainEqual(hello)
      expect(mentions(wire.packets(), other)).not.toEqual([])
    }
    await ada.page.goto('http://elsewhere.example/', { timeout: 1500 }).catch(() => undefined)
    const question = expect.stringMatching(
      /^UDP 10\.77\.0\.2:\d+ > 192\.0\.2\.53:53 .*elsewhere\.example/,
    )
    await expect.poll(() => astray(atAda.packets(), ADA, house)).toContainEqual(question)
  })

  for (const wire of [atAda, atBen]) expect(await wire.stop(), 'packets that passed unseen').toBe(0)
})
