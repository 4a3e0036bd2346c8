// Makes the pictures that the manifest names anew, from our own scenes; a phone shows them before Heyy is
// installed. /screens/SCENE.FORM.webp is that scene, in dark and in English, at the size that the
// manifest says: `npm run manifest-screens`.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { enter, finish, launch, scenes } from './screens/stage.mjs'

const folder = fileURLToPath(new URL('../public', import.meta.url))
const { screenshots } = JSON.parse(await readFile(join(folder, 'manifest.webmanifest'), 'utf8'))
/** Pixels of a picture for one of the page: phones have fine ones. */
const scales = { narrow: 2, wide: 1 }
const quality = 0.86

const browser = await launch({ webgl: true })
const paper = await browser.newPage()
const wrong = []
for (const { src, sizes, form_factor } of screenshots) {
  const [, name] = /^\/screens\/([a-z-]+)\.(narrow|wide)\.webp$/.exec(src) ?? []
  const [, scene] = scenes.find(([one]) => one === name) ?? []
  if (!scene) {
    wrong.push(`${src}: no such scene`)
    continue
  }
  const scale = scales[form_factor]
  const [width, height] = sizes.split('x').map((pixels) => Number(pixels) / scale)
  const page = await enter(browser, name, scene, {
    language: 'en',
    size: { width, height },
    scale,
    wrong,
  })
  await page.waitForTimeout(700)
  const png = (await page.screenshot()).toString('base64')
  await page.context().close()
  const webp = await paper.evaluate(
    async ([picture, quality]) => {
      const image = new Image()
      image.src = `data:image/png;base64,${picture}`
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.naturalWidth
      canvas.height = image.naturalHeight
      canvas.getContext('2d', { alpha: false }).drawImage(image, 0, 0)
      return canvas.toDataURL('image/webp', quality).split(',')[1]
    },
    [png, quality],
  )
  const file = join(folder, src)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, Buffer.from(webp, 'base64'))
}
await finish(browser, `${screenshots.length} pictures in ${folder}/screens`, wrong)
