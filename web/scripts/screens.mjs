// Pictures of every screen and state, from the real components on fixed stores:
//   npm run screens                     everything, into ../screens
//   npm run screens -- room lobby-mini  only scenes whose names begin so
//   npm run screens -- --lang=it --theme=light --size=desk
//   npm run screens -- --rtl            from right to left
//   npm run screens -- --forced         in forced colours (high contrast)
//   npm run screens -- --size=low       a phone on its side; --size=small: 320 x 480
import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { args, enter, finish, forced, launch, only, rtl, scenes } from './screens/stage.mjs'

const out = resolve(fileURLToPath(new URL('..', import.meta.url)), '../screens')
const sizes = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } }
/** Taken when asked for. */
const tight = { small: { width: 320, height: 480 }, low: { width: 667, height: 375 } }
const all = { ...sizes, ...tight }
const asked = only(Object.keys(all), 'size')

if (args.length === 0) await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })

const browser = await launch({ webgl: true })
let taken = 0
const wrong = []
for (const language of only(['en', 'it', 'zh'], 'lang')) {
  for (const theme of only(['dark', 'light'], 'theme')) {
    for (const size of asked.length === 1 ? asked : Object.keys(sizes)) {
      for (const [name, scene] of scenes) {
        for (const calm of scene.calm ? [false, true] : [false]) {
          const page = await enter(browser, name, scene, {
            language,
            theme,
            size: all[size],
            calm,
            wrong,
          })
          await page.waitForTimeout(scene.levels || scene.act ? 700 : 350)
          const sideways = await page.evaluate(
            () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
          )
          if (sideways > 0) wrong.push(`${name} (${language}, ${size}): ${sideways} px too wide`)
          const file = `${name}${calm ? '-calm' : ''}.${size}.${theme}.${language}${rtl ? '.rtl' : ''}${forced ? '.forced' : ''}.png`
          await page.screenshot({ path: join(out, file), timeout: 15_000 })
          await page.context().close()
          taken++
        }
      }
    }
  }
}
await finish(browser, `${taken} pictures in ${out}`, wrong)
