// What stands in the way of people who cannot see, hear or point well, found by axe.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

// Of the browser tests, which ask the same of a live server.
const tests = createRequire(new URL('../../../e2e/package.json', import.meta.url))
const source = await readFile(tests.resolve('axe-core/axe.min.js'), 'utf8')
const rules = JSON.parse(
  await readFile(fileURLToPath(new URL('../../../e2e/axe.json', import.meta.url)), 'utf8'),
)

/** Of all rules these alone may say something else about the other colours. */
const ofColours = { runOnly: ['color-contrast', 'link-in-text-block'] }

/** Whatever is serious on the page as it is; of its colours in both schemes. */
export async function barriers(page) {
  await page.evaluate(source)
  // The colours of the other scheme are there at once: a page that is not drawn fades into nothing.
  await page.addStyleTag({ content: '*, ::before, ::after { transition: none !important }' })
  const found = []
  for (const [scheme, options] of [
    ['dark', rules],
    ['light', ofColours],
  ]) {
    await page.emulateMedia({ colorScheme: scheme })
    const { violations } = await page.evaluate((how) => globalThis.axe.run(how), options)
    for (const { id, help, impact, nodes } of violations) {
      if (impact !== 'serious' && impact !== 'critical') continue
      const where = nodes.map((n) => `${n.target} (${n.any[0]?.message ?? ''})`)
      found.push(`${id}, ${scheme}: ${help}: ${where.join('; ')}`)
    }
  }
  await page.emulateMedia({ colorScheme: 'dark' })
  return found
}
