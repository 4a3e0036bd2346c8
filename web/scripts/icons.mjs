// Draws the app's icons from the house's own aura: node scripts/icons.mjs
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { runnerImport } from 'vite'
import { chromiumHere } from '../../scripts/chromium.mjs'

const web = fileURLToPath(new URL('..', import.meta.url))
const { module } = await runnerImport(join(web, 'src/ui/aura/shape.ts'), { root: web })
const { house } = (await runnerImport(join(web, 'src/app/house.ts'), { root: web })).module

const ink = { core: '0.92 0.075', body: '0.76 0.16', rim: '0.58 0.18' }

/** The aura on the night; scale is how much of the square it takes. */
function drawing(scale, corner) {
  const made = module.shape(house.voice, house.id)
  const [veil, body, heart] = made.layers
  const half = 256 * scale
  const [lx, ly] = made.light.map((at) => at * half)
  const colour = (part, layer) => `oklch(${ink[part]} ${layer.hue.toFixed(0)})`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-256 -256 512 512">
<defs>
<linearGradient id="b" gradientUnits="userSpaceOnUse" x1="${-2 * lx}" y1="${-2 * ly}" x2="${2 * lx}" y2="${2 * ly}"><stop offset="0" stop-color="${colour('rim', veil)}"/><stop offset=".45" stop-color="${colour('body', body)}"/><stop offset="1" stop-color="${colour('body', heart)}"/></linearGradient>
<radialGradient id="v" gradientUnits="userSpaceOnUse" cx="0" cy="0" r="${half * 0.86}"><stop offset=".5" stop-color="${colour('body', veil)}" stop-opacity=".8"/><stop offset="1" stop-color="${colour('rim', veil)}" stop-opacity="0"/></radialGradient>
<radialGradient id="h" gradientUnits="userSpaceOnUse" cx="${lx * 0.75}" cy="${ly * 0.75}" r="${half * 0.46}"><stop offset="0" stop-color="${colour('core', heart)}"/><stop offset=".4" stop-color="${colour('core', heart)}" stop-opacity=".55"/><stop offset="1" stop-color="${colour('core', heart)}" stop-opacity="0"/></radialGradient>
</defs>
<rect x="-256" y="-256" width="512" height="512" rx="${corner}" fill="#15101a"/>
<path d="${module.path(veil, half)}" fill="url(#v)"/>
<path d="${module.path(body, half)}" fill="url(#b)"/>
<path d="${module.path(body, half)}" fill="url(#h)"/>
</svg>
`
}

/** The outline alone: of a notification's small icon, Android takes no more than the shape. */
function silhouette() {
  const [, body] = module.shape(house.voice, house.id).layers
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-256 -256 512 512"><path d="${module.path(body, 300)}" fill="#fff"/></svg>
`
}

await mkdir(join(web, 'public/icons'), { recursive: true })
await writeFile(join(web, 'public/icon.svg'), drawing(1.18, 128))

const browser = await chromium.launch({
  executablePath: chromiumHere(),
  args: ['--no-sandbox'],
})
for (const [name, size, svg] of [
  ['icon-192', 192, drawing(1.18, 110)],
  ['icon-512', 512, drawing(1.18, 110)],
  // A mask may cut away all but the middle 80 %.
  ['icon-maskable-512', 512, drawing(0.98, 0)],
  ['apple-touch-icon', 180, drawing(1.12, 0)],
  ['badge-96', 96, silhouette()],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(`<style>body{margin:0}svg{display:block}</style>${svg}`)
  await page.screenshot({ path: join(web, `public/icons/${name}.png`), omitBackground: true })
  await page.close()
}
await browser.close()
