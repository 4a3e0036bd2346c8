import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { build } from 'vite'
import { chromiumHere } from '../../../scripts/chromium.mjs'

const web = fileURLToPath(new URL('../..', import.meta.url))

/** The stage as one page without a server: its script and its style. */
export async function bundle() {
  const { output } = await build({
    root: web,
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      rollupOptions: { input: fileURLToPath(new URL('stage.tsx', import.meta.url)) },
    },
  })
  const text = (end) =>
    output
      .filter((one) => one.fileName.endsWith(end))
      .map((one) => one.code ?? one.source)
      .join('\n')
  return { script: text('.js'), style: text('.css') }
}

export function launch() {
  return chromium.launch({
    executablePath: chromiumHere(),
    args: [
      '--no-sandbox',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--ignore-gpu-blocklist',
    ],
  })
}

/** A page of a phone with the stage on it. */
export async function open(browser, { script, style }, options) {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
    ...options,
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => console.error(error.message))
  await page.setContent(`<!doctype html><style>${style}</style><body></body>`)
  return {
    page,
    async start() {
      await page.addScriptTag({ content: script, type: 'module' })
      await page.waitForFunction(() => 'show' in window)
    },
  }
}
