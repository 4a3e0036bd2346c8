// The scenes on a stage: the built product on fixed stores, and a server that answers as each scene says.
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, runnerImport } from 'vite'
import { chromiumHere } from '../../../scripts/chromium.mjs'

const web = fileURLToPath(new URL('../..', import.meta.url))
const dist = join(web, 'node_modules/.cache/screens')

export const args = process.argv.slice(2)
const names = args.filter((a) => !a.startsWith('--'))
const option = (name) => args.find((a) => a.startsWith(`--${name}=`))?.split('=')[1]
/** Those of a list that the command line asks for: all, or the one of --name=. */
export const only = (all, name) => all.filter((one) => !option(name) || option(name) === one)

/** As Arabic and Hebrew are read: the words stay those of the language, everything else turns around. */
export const rtl = args.includes('--rtl')

/** In the few colours that a person chose for everything they see (high contrast). */
export const forced = args.includes('--forced')

/** The product's own modules, but for the stores that would need a server. */
const stand = {
  name: 'stores-of-the-scene',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (!importer || importer.includes('scripts/screens')) return null
    const found = await this.resolve(source, importer, { skipSelf: true })
    const store = found?.id.match(
      /\/src\/(voice\/(session|publicListening|levels|mic|recorder|player|calls)|realtime\/(lobby|connection|push))\.ts$/,
    )
    return store ? join(web, 'scripts/screens/stores', `${store[2] ?? store[3]}.ts`) : null
  },
}

process.env.VITE_CJS_IGNORE_WARNING = '1'
await build({
  root: web,
  logLevel: 'warn',
  mode: 'screens',
  plugins: [stand],
  build: { outDir: dist, emptyOutDir: true, minify: false, reportCompressedSize: false },
})
const { module } = await runnerImport(join(web, 'scripts/screens/scenes.ts'), { root: web })
export const scenes = Object.entries(module.scenes).filter(
  ([name]) => names.length === 0 || names.some((wanted) => name.startsWith(wanted)),
)

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
}

/** Files of the built page, by path; an address of the product itself is its first page. */
const files = new Map()
async function file(pathname) {
  const asked = join(dist, pathname)
  const found = await stat(asked).then(
    (s) => s.isFile(),
    () => false,
  )
  const path = found ? asked : join(dist, 'index.html')
  if (!files.has(path)) files.set(path, await readFile(path))
  return { body: files.get(path), type: types[extname(path)] ?? 'application/octet-stream' }
}

/** Which scene asks, in which language: each page says so with every request. */
export const asks = (name, language) => ({ 'x-scene': name, 'x-language': language })

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost')
  const { 'x-scene': name, 'x-language': language } = request.headers
  if (pathname.startsWith('/api/')) return api(response, pathname, module.scenes[name], language)
  const { body, type } = await file(pathname)
  response.writeHead(200, { 'Content-Type': type }).end(body)
})
await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
server.unref()
export const origin = `http://localhost:${server.address().port}`

/** When every scene plays, also by the clock of its server. */
const now = new Date('2026-03-06T20:41:00+01:00')

/** What the shell asks for in each scene, where it says nothing of it. */
const nothing = { '/api/me/requests': { requests: [] }, '/api/me/clubs': { clubs: [] } }

function api(response, pathname, scene, language) {
  const send = (status, type, body) =>
    response
      .writeHead(status, { 'Content-Type': type, Date: now.toUTCString() })
      .end(JSON.stringify(body))
  const problem = (status, code) =>
    send(status, 'application/problem+json', { status, code, title: code, detail: code })
  if (pathname === '/api/me') {
    if (scene.me === 'offline') return response.destroy()
    if (scene.me === 'out') return problem(401, 'session.none')
    return send(200, 'application/json', { ...(scene.me ?? module.someone), language })
  }
  const begun = Object.keys(scene.api ?? {}).find(
    (path) => path.endsWith('*') && pathname.startsWith(path.slice(0, -1)),
  )
  const answer = scene.api?.[pathname] ?? scene.api?.[begun] ?? nothing[pathname]
  if (answer === 'never') return
  if (answer === 'lost') return response.destroy()
  if (answer?.problem) return problem(answer.problem, answer.code)
  if (typeof answer === 'object') return send(200, 'application/json', answer)
  return problem(answer ?? 404, answer >= 500 ? 'internal' : 'room.not_found')
}

/** Whether an answer of the server fails: it is asked for a second time, a second later. */
const fails = (answer) => answer === 'lost' || answer >= 500

function words(catalogue) {
  return (key) => key.split('.').reduce((at, part) => at?.[part], catalogue) ?? key
}

/** A browser; without WebGL where nobody looks at what is drawn, which is quicker. */
export const launch = ({ webgl }) =>
  chromium.launch({
    executablePath: chromiumHere(),
    args: [
      '--no-sandbox',
      ...(webgl
        ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist']
        : ['--disable-gpu', '--disable-3d-apis']),
    ],
  })

/** Says how it went and ends the program; a page that still waits for an answer holds nothing up. */
export async function finish(browser, said, wrong) {
  await browser.close()
  console.log(said)
  if (wrong.length > 0) console.error(wrong.join('\n'))
  process.exit(wrong.length > 0 ? 1 : 0)
}

/** Runs in the page: whatever the product makes of its language, it is right to left. */
function turnAround() {
  Object.defineProperty(HTMLElement.prototype, 'dir', {
    get() {
      return this.getAttribute('dir') ?? ''
    },
    set(dir) {
      this.setAttribute('dir', this === document.documentElement ? 'rtl' : dir)
    },
  })
}

/** Opens a page on a scene, as it stands after what a person does there. */
export async function enter(
  browser,
  name,
  scene,
  { language, theme = 'dark', size, scale = 1, calm = false, wrong },
) {
  const phone = size.width < 1024
  const context = await browser.newContext({
    viewport: size,
    deviceScaleFactor: scale,
    isMobile: phone,
    hasTouch: phone,
    colorScheme: theme,
    reducedMotion: calm ? 'reduce' : 'no-preference',
    forcedColors: forced ? 'active' : 'none',
    locale: language,
    timezoneId: 'Europe/Rome',
    serviceWorkers: 'block',
    extraHTTPHeaders: asks(name, language),
  })
  const says = words(JSON.parse(await readFile(join(web, `src/i18n/${language}.json`), 'utf8')))
  const page = await context.newPage()
  page.on('pageerror', (error) => wrong.push(`${name}: ${error.message}`))
  await page.clock.setFixedTime(now)
  await page.addInitScript((chosen) => {
    // The headless shell loses the page of whoever asks its recogniser, which has no service.
    Reflect.deleteProperty(globalThis, 'SpeechRecognition')
    window.heyyScene = chosen
  }, name)
  if (rtl) await page.addInitScript(turnAround)
  await page.goto(origin + scene.path)
  await page
    .locator('h1, [role=heading]')
    .first()
    .waitFor({ timeout: 20_000 })
    .catch(() => wrong.push(`${name} (${language}, ${theme}): no heading`))
  await scene.act?.(page, says)
  if (Object.values(scene.api ?? {}).some(fails)) {
    await page
      .waitForFunction(() => !document.querySelector('[aria-busy="true"]'), null, {
        timeout: 8000,
      })
      .catch(() => wrong.push(`${name} (${language}, ${theme}): waits for what has failed`))
  }
  await page.evaluate(() => document.fonts.ready)
  return page
}
