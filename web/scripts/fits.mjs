// Whether every screen and state fits small, wide and magnified windows:
//   npm run fits                     all scenes, in Italian: it has the longest words
//   npm run fits -- call discover    only scenes whose names begin so
//   npm run fits -- --lang=zh --shots=/tmp/fits
//   npm run fits -- --no-axe         without asking what stands in people's way
//   npm run fits -- --rtl            from right to left
// No page scrolls sideways, on a desk neither; in the other windows the primary action is on screen
// without scrolling, no headline breaks inside a word that fits a line, and no aura lies over one.
// Nothing serious stands in anybody's way, by axe: asked once of each scene, in the first language,
// at the usual size, in the colours of both schemes.
import { join } from 'node:path'
import { barriers } from './screens/barriers.mjs'
import { args, enter, finish, launch, only, scenes } from './screens/stage.mjs'

const sizes = {
  landscape: { width: 844, height: 390 },
  low: { width: 640, height: 400 },
  small: { width: 320, height: 568 },
  smallest: { width: 320, height: 480 },
  magnified: { width: 195, height: 422 }, // 390 x 844 at 200 %
  desk: { width: 1280, height: 800, wide: true }, // there is room: only what runs out of it is looked for
}
// Entered at the usual size, where whatever a person presses is at hand.
const phone = { width: 390, height: 844 }
const shots = args.find((a) => a.startsWith('--shots='))?.split('=')[1]

/** What does not fit, as sentences; runs in the page. */
function misfits({ width: given, wide }) {
  const found = []
  const html = document.documentElement
  const named = (el) => (el.getAttribute('aria-label') ?? el.textContent).trim().slice(0, 40)

  // Against the window's own width: on a phone a page that is too wide is zoomed out until it fits.
  const sideways = Math.max(html.scrollWidth, window.innerWidth) - given
  if (sideways > 0) found.push(`${sideways} px too wide`)
  if (wide) return found

  const dialogs = document.querySelectorAll('[role=dialog], [role=alertdialog]')
  const front = [...dialogs].at(-1) ?? document.querySelector('main') ?? document.body
  const onScreen = (el) => {
    const r = el.getBoundingClientRect()
    if (r.width === 0 || r.top < -1 || r.left < -1) return false
    if (r.bottom > window.innerHeight + 1 || r.right > window.innerWidth + 1) return false
    const top = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2)
    return top !== null && (el.contains(top) || top.contains(el))
  }
  for (const el of front.querySelectorAll('[data-primary]')) {
    // What a desk alone shows has no box here.
    if (el.getClientRects().length > 0 && !onScreen(el))
      found.push(`"${named(el)}" is not on screen`)
  }

  // The drawn shape fills about two thirds of its box.
  const auras = [...front.querySelectorAll('[data-aura]')].map((el) => {
    const { left, top, width, height } = el.getBoundingClientRect()
    return [left + width / 6, top + height / 6, left + (width * 5) / 6, top + (height * 5) / 6]
  })
  const covered = (r) =>
    auras.some(
      ([left, top, right, bottom]) =>
        Math.min(r.right, right) - Math.max(r.left, left) > 8 &&
        Math.min(r.bottom, bottom) - Math.max(r.top, top) > 8,
    )

  for (const heading of front.querySelectorAll('h1, h2')) {
    const text = document.createRange()
    text.selectNodeContents(heading)
    const below = heading.getBoundingClientRect().bottom // lines that are cut off begin there
    if ([...text.getClientRects()].some((r) => r.top < below - 2 && covered(r)))
      found.push(`an aura lies over "${named(heading)}"`)
    const walker = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT)
    const most = Math.max(heading.clientWidth, Math.min(300, given * 0.6))
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const word of node.data.matchAll(/[\p{Script=Latin}\p{M}\p{N}’']+/gu)) {
        const range = document.createRange()
        range.setStart(node, word.index)
        range.setEnd(node, word.index + word[0].length)
        const lines = new Map()
        for (const r of range.getClientRects()) {
          if (r.width > 0)
            lines.set(Math.round(r.top), (lines.get(Math.round(r.top)) ?? 0) + r.width)
        }
        const width = [...lines.values()].reduce((a, b) => a + b, 0)
        if (lines.size > 1 && width <= most) found.push(`the headline breaks inside "${word[0]}"`)
      }
    }
  }

  // What is pressed: a short word, or a label of a few characters in Chinese, stays in one line.
  for (const button of front.querySelectorAll('button, a[class]')) {
    const walker = document.createTreeWalker(button, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest('bdi, [dir="auto"]')) continue // written by people
      if (node.parentElement.clientWidth === 1) continue // for screen readers
      for (const word of node.data.matchAll(/\p{Script=Latin}+|^\p{Script=Han}{2,4}$/gu)) {
        if (word[0].length > 12) continue
        const range = document.createRange()
        range.setStart(node, word.index)
        range.setEnd(node, word.index + word[0].length)
        const tops = new Set([...range.getClientRects()].map((r) => Math.round(r.top)))
        if (tops.size > 1) found.push(`"${named(button)}" breaks inside "${word[0]}"`)
      }
    }
  }
  return found
}

const wrong = []
const browser = await launch({ webgl: false })
const languages = only(['it', 'en', 'zh'], 'lang').slice(0, args.includes('--all') ? 3 : 1)
const todo = languages.flatMap((language) =>
  scenes.map(([name, scene]) => ({ language, name, scene })),
)

async function look({ language, name, scene }) {
  const page = await enter(browser, name, scene, { language, size: phone, calm: true, wrong })
  await page.waitForTimeout(100)
  if (language === languages[0] && !args.includes('--no-axe')) {
    for (const barrier of await barriers(page)) wrong.push(`${name}: ${barrier}`)
  }
  for (const size of only(Object.keys(sizes), 'size')) {
    const { width, height } = sizes[size]
    await page.setViewportSize({ width, height })
    // Two frames: one to measure what reacts to the size, one to draw it. A page that the browser
    // does not draw gets none: it is laid out all the same.
    await page.evaluate(
      () =>
        new Promise((done) => {
          requestAnimationFrame(() => requestAnimationFrame(done))
          setTimeout(done, 500)
        }),
    )
    for (const misfit of await page.evaluate(misfits, sizes[size])) {
      wrong.push(`${name} (${size}, ${language}): ${misfit}`)
    }
    if (shots) await page.screenshot({ path: join(shots, `${name}.${size}.png`) })
  }
  await page.context().close()
}

/** Takes one after another until none is left; two of these use the time in which one page loads. */
async function walk() {
  for (let next = todo.shift(); next; next = todo.shift()) {
    let late
    const waited = new Promise((_, give) => {
      late = setTimeout(() => give(new Error('not there after a minute')), 60_000)
    })
    const { name, language } = next
    await Promise.race([look(next), waited]).catch((error) => {
      wrong.push(`${name} (${language}): ${error.message}`)
    })
    clearTimeout(late)
  }
}
await Promise.all([walk(), walk()])
await finish(browser, `${scenes.length} scenes in ${Object.keys(sizes).length} sizes`, wrong)
