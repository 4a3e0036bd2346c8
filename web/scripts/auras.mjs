// How much time auras take, as JSON:
//   npm run auras
// 1, 4 and 12 of them, each moved by its own voice, on a page of a phone.
//   script   the painter's own time on the main thread for one frame, ms, at a
//            quarter of this machine's speed, as on a middling phone. What WebGL
//            and canvases do with a call is taken out: no phone does it as here.
//   frame    from one frame to the next with everything, drawn by the processor:
//            to be compared with itself before a change, and with nothing else.
//   quiet    frames drawn in two seconds of silence; it must be 0.
import { bundle, launch, open } from './auras/page.mjs'

const shows = [
  { count: 1, size: 320 },
  { count: 4, size: 150 },
  { count: 12, size: 124 },
]
const seconds = 2

/** Times every frame's callback; on wish calls to paint cost nothing. */
function watch(stub) {
  const w = window
  w.taken = []
  w.begun = []
  const raf = w.requestAnimationFrame.bind(w)
  w.requestAnimationFrame = (callback) =>
    raf((now) => {
      const start = performance.now()
      callback(now)
      w.taken.push(performance.now() - start)
      w.begun.push(now)
    })
  if (!stub) return
  WebGL2RenderingContext.prototype.drawArrays = () => {}
  WebGL2RenderingContext.prototype.drawArraysInstanced = () => {}
  WebGL2RenderingContext.prototype.clear = () => {}
  CanvasRenderingContext2D.prototype.drawImage = () => {}
  CanvasRenderingContext2D.prototype.clearRect = () => {}
}

const round = (x) => Math.round(x * 1000) / 1000
function spread(all) {
  const sorted = all.toSorted((a, b) => a - b)
  const at = (share) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  const mean = round(sorted.reduce((a, b) => a + b, 0) / Math.max(1, sorted.length))
  return { n: sorted.length, mean, p50: at(0.5), p95: at(0.95) }
}

const made = await bundle()
const browser = await launch()

async function run(show, deviceScaleFactor, stub) {
  const { page, start } = await open(browser, made, { deviceScaleFactor })
  await page.evaluate(watch, stub)
  await start()
  const told = await page.context().newCDPSession(page)
  if (stub) await told.send('Emulation.setCPUThrottlingRate', { rate: 4 })
  const collect = async (ms) => {
    await page.evaluate(() => {
      window.taken = []
      window.begun = []
    })
    await page.waitForTimeout(ms)
    return page.evaluate(() => ({ taken: window.taken, begun: window.begun }))
  }
  await page.evaluate((s) => window.show(s), { part: 'live', level: 'speech', ...show })
  await page.waitForTimeout(700)
  const { taken, begun } = await collect(seconds * 1000)
  let quiet
  if (!stub) {
    await page.evaluate((s) => window.show(s), { part: 'live', level: 0, ...show })
    await page.waitForTimeout(700)
    quiet = (await collect(2000)).taken.length
  }
  await page.context().close()
  return { taken, between: begun.slice(1).map((t, i) => t - begun[i]), quiet }
}

const results = []
for (const show of shows) {
  for (const density of [2, 3]) {
    const script = await run(show, density, true)
    const whole = await run(show, density, false)
    results.push({
      ...show,
      density,
      script: spread(script.taken),
      frame: spread(whole.between),
      quiet: whole.quiet,
    })
  }
}
await browser.close()
console.log(JSON.stringify(results, null, 1))
