// Pictures of every screen and state, from the real components on fixed stores:
//   npm run screens                     everything, into ../screens
//   npm run screens -- room lobby-mini  only scenes whose names begin so
//   npm run screens -- --lang=it --theme=light --size=desk
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build, runnerImport } from 'vite'

const web = fileURLToPath(new URL('..', import.meta.url))
const dist = join(web, 'node_modules/.cache/screens')
const out = resolve(web, '../screens')
const origin = 'http://localhost:4999'

const args = process.argv.slice(2)
const names = args.filter((a) => !a.startsWith('--'))
const option = (name) => args.find((a) => a.startsWith(`--${name}=`))?.split('=')[1]

const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } }
const only = (all, name) => all.filter((one) => !option(name) || option(name) === one)

/** The product's own modules, but for the stores that would need a server. */
const stand = {
  name: 'stores-of-the-scene',
  enforce: 'pre',
  async resolveId(source, importer) {
    if (!importer || importer.includes('scripts/screens')) return null
    const found = await this.resolve(source, importer, { skipSelf: true })
    const store = found?.id.match(
      /\/src\/(voice\/(session|levels|mic|recorder|clips|calls)|realtime\/(lobby|connection))\.ts$/,
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
const scenes = Object.entries(module.scenes).filter(
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

/** The built page without a server: every request is answered from here. */
async function serve(route, scene, language) {
  const { pathname } = new URL(route.request().url())
  if (pathname.startsWith('/api/')) return api(route, pathname, scene, language)
  const file = join(dist, pathname)
  const exists = await stat(file).then(
    (s) => s.isFile(),
    () => false,
  )
  const path = exists ? file : join(dist, 'index.html')
  return route.fulfill({ contentType: types[extname(path)], body: await readFile(path) })
}

function api(route, pathname, scene, language) {
  const problem = (status, code) =>
    route.fulfill({
      status,
      contentType: 'application/problem+json',
      body: JSON.stringify({ status, code, title: code, detail: code }),
    })
  if (pathname === '/api/me') {
    if (scene.me === 'offline') return route.abort()
    if (scene.me === 'out') return problem(401, 'session.none')
    return route.fulfill({ json: { ...(scene.me ?? module.someone), language } })
  }
  const answer = scene.api?.[pathname]
  if (answer === 'never') return
  if (answer?.problem) return problem(answer.problem, answer.code)
  if (typeof answer === 'object') return route.fulfill({ json: answer })
  return problem(answer ?? 404, 'room.not_found')
}

function words(catalogue) {
  return (key) => key.split('.').reduce((at, part) => at?.[part], catalogue) ?? key
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--ignore-gpu-blocklist',
  ],
})
if (args.length === 0) await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })

let taken = 0
const wrong = []
for (const language of only(['en', 'it', 'zh'], 'lang')) {
  const says = words(JSON.parse(await readFile(join(web, `src/i18n/${language}.json`), 'utf8')))
  for (const theme of only(['dark', 'light'], 'theme')) {
    for (const size of only(Object.keys(sizes), 'size')) {
      for (const [name, scene] of scenes) {
        for (const calm of scene.calm ? [false, true] : [false]) {
          const context = await browser.newContext({
            viewport: sizes[size],
            isMobile: size === 'phone',
            hasTouch: size === 'phone',
            colorScheme: theme,
            reducedMotion: calm ? 'reduce' : 'no-preference',
            locale: language,
            timezoneId: 'Europe/Rome',
            serviceWorkers: 'block',
          })
          const page = await context.newPage()
          page.on('pageerror', (error) => wrong.push(`${name}: ${error.message}`))
          await page.clock.setFixedTime(new Date('2026-03-06T20:41:00+01:00'))
          await page.addInitScript((chosen) => {
            window.heyyScene = chosen
          }, name)
          await page.route('**/*', (route) => serve(route, scene, language))
          await page.goto(origin + scene.path)
          await page
            .locator('h1, [role=heading]')
            .first()
            .waitFor({ timeout: 5000 })
            .catch(() => {
              wrong.push(`${name} (${language}, ${theme}, ${size}): no heading`)
            })
          await scene.act?.(page, says)
          await page.evaluate(() => document.fonts.ready)
          await page.waitForTimeout(scene.levels || scene.act ? 700 : 350)
          const sideways = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          if (sideways > 0) wrong.push(`${name} (${language}, ${size}): ${sideways} px too wide`)
          const file = `${name}${calm ? '-calm' : ''}.${size}.${theme}.${language}.png`
          await page.screenshot({ path: join(out, file), timeout: 15_000 })
          await context.close()
          taken++
        }
      }
    }
  }
}
await browser.close()
console.log(`${taken} pictures in ${out}`)
if (wrong.length > 0) {
  console.error(wrong.join('\n'))
  process.exitCode = 1
}
