// How smoothly a conversation of 100,000 messages scrolls, as JSON:
//   npm run scroll
// A conversation is scrolled up with the mouse wheel, through pages that arrive after 50 ms,
// on a phone and on a desk; still is the same page at rest, and so what this machine can do.
//   frames_per_s  frames drawn in a second
//   frame         from one frame to the next, ms
//   late          share of frames that came after more than one and a half of 1/60 s
//   main          time of the main thread for one frame, ms, and what of it was scripts, styles
//                 and layout; painting, which is the processor's here, is in the rest
//   read          messages that were read on the way
import { asks, launch, origin, scenes } from './screens/stage.mjs'

const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } }
const total = 100_000
const rounds = 3
const seconds = 5
const network = 50 // ms
const stepPx = 60 // of the wheel, every 16 ms: four screens of a phone in a second

const [, scene] = scenes.find(([name]) => name === 'chat')
const [path, page] = Object.entries(scene.api).find(([where]) => where.endsWith('/messages'))
const kinds = page.messages.filter(({ text, reply }) => text && !reply)

/** The message with a number: those of the scene again and again, and a day every 40. */
const message = (n) => ({
  ...kinds[n % kinds.length],
  id: `m-${n}`,
  n,
  seq: n,
  at:
    Date.parse('2026-03-06T20:41:00+01:00') -
    Math.floor((total - n) / 40) * 86_400_000 -
    (total - n) * 1000,
})

/** A page of messages, the newest first. */
function answer(query) {
  const before = Number(query.get('before') ?? total + 1)
  const limit = Number(query.get('limit') ?? 50)
  const from = Math.max(1, before - limit)
  const messages = Array.from({ length: before - from }, (_, i) => message(before - 1 - i))
  const marks = { seq: total, unread: 0, read_n: total, their_read_n: total }
  return { messages, newer: before <= total, ...marks, ...(from > 1 ? { next: `${from}` } : {}) }
}

const round = (x) => Math.round(x * 100) / 100
function spread(all) {
  const sorted = all.toSorted((a, b) => a - b)
  const at = (share) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** Counts frames until it is stopped. */
function watch() {
  const times = []
  let going = true
  const frame = (now) => {
    times.push(now)
    if (going) requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  window.stopped = () => {
    going = false
    return times
  }
}

const parts = { main: 'Task', scripts: 'Script', styles: 'RecalcStyle', layout: 'Layout' }

async function measure(tab, wire, act) {
  const busy = async () => {
    const { metrics } = await wire.send('Performance.getMetrics')
    const ms = (of) => metrics.find(({ name }) => name === `${of}Duration`).value * 1000
    return Object.fromEntries(Object.entries(parts).map(([part, of]) => [part, ms(of)]))
  }
  await tab.evaluate(watch)
  const before = await busy()
  await act()
  const after = await busy()
  const times = await tab.evaluate(() => window.stopped())
  const frames = times.slice(1).map((at, i) => at - times[i])
  const took = Object.fromEntries(
    Object.keys(parts).map((part) => [part, after[part] - before[part]]),
  )
  return { frames, took, ms: times.at(-1) - times[0] }
}

const figures = (runs) => {
  const frames = runs.flatMap((run) => run.frames)
  const sum = (of) => runs.reduce((all, run) => all + of(run), 0)
  const each = (part) => round(sum(({ took }) => took[part]) / frames.length)
  return {
    frames_per_s: round((1000 * frames.length) / sum(({ ms }) => ms)),
    frame: spread(frames),
    late: round(frames.filter((ms) => ms > 25).length / frames.length),
    ...Object.fromEntries(Object.keys(parts).map((part) => [part, each(part)])),
  }
}

const browser = await launch({ webgl: false })
const report = {}
for (const [size, viewport] of Object.entries(sizes)) {
  const still = []
  const scrolling = []
  let read = 0
  for (let i = 0; i < rounds; i++) {
    const context = await browser.newContext({
      viewport,
      isMobile: false, // the wheel is for pages that are not touched
      colorScheme: 'dark',
      locale: 'en',
      serviceWorkers: 'block',
      extraHTTPHeaders: asks('chat', 'en'),
    })
    const tab = await context.newPage()
    await tab.addInitScript(() => {
      window.heyyScene = 'chat'
    })
    await tab.route(`**${path}*`, async (route) => {
      const made = answer(new URL(route.request().url()).searchParams)
      read += made.messages.length
      await new Promise((arrived) => setTimeout(arrived, network))
      await route.fulfill({ json: made })
    })
    await tab.goto(origin + scene.path)
    await tab.getByRole('log').getByRole('listitem').last().waitFor()
    await tab.evaluate(() => document.fonts.ready)
    await tab.waitForTimeout(1000)
    const wire = await context.newCDPSession(tab)
    await wire.send('Performance.enable')
    still.push(await measure(tab, wire, () => tab.waitForTimeout(1000)))
    await tab.mouse.move(viewport.width / 2, viewport.height / 2)
    scrolling.push(
      await measure(tab, wire, async () => {
        for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
          await Promise.all([tab.mouse.wheel(0, -stepPx), tab.waitForTimeout(16)])
        }
      }),
    )
    await context.close()
  }
  report[size] = {
    still: figures(still),
    scrolling: figures(scrolling),
    read: Math.round(read / rounds),
  }
}
await browser.close()
console.log(JSON.stringify(report, null, 2))
process.exit(0)
