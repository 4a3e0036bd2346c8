import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname)
const named = (kind: RegExp) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => kind.test(name))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const modules = named(/\.module\.css$/)

/** Classes that a module defines, by its selectors. */
function classesOf(css: string): Set<string> {
  const selectors = css.replace(/\/\*[\s\S]*?\*\/|:global\([^)]*\)/g, '').matchAll(/([^{}]+)\{/g)
  const classes = [...selectors].flatMap(([, selector = '']) =>
    selector.trim().startsWith('@') ? [] : [...selector.matchAll(/\.([a-z][\w-]*)/gi)],
  )
  return new Set(classes.map(([, name = '']) => name))
}

/** Classes that are asked of a module, by its file; null where one is made while running. */
const asked = new Map<string, Set<string> | null>()
const ask = (file: string, name: string | null) => {
  const before = asked.get(file) ?? new Set()
  if (name === null || asked.get(file) === null) asked.set(file, null)
  else asked.set(file, before.add(name))
}

for (const file of named(/\.tsx?$/)) {
  const text = read(file)
  for (const [, as = '', path = ''] of text.matchAll(
    /import (\w+) from '(\.[^']+\.module\.css)'/g,
  )) {
    const css = relative(root, resolve(root, dirname(file), path))
    for (const [, name = ''] of text.matchAll(new RegExp(`\\b${as}\\.(\\w+)`, 'g'))) ask(css, name)
    if (new RegExp(`\\b${as}\\[`).test(text)) ask(css, null)
  }
}
for (const file of modules) {
  for (const [, name = '', path = ''] of read(file).matchAll(
    /composes: ([\w-]+) from "(\.[^"]+)"/g,
  )) {
    ask(relative(root, resolve(root, dirname(file), path)), name)
  }
}

it('uses every class of every module', () => {
  const unused = modules.flatMap((file) => {
    const uses = asked.get(file)
    if (uses === null) return []
    return [...classesOf(read(file))]
      .filter((name) => !uses?.has(name))
      .map((name) => `${file}: .${name}`)
  })
  expect(unused).toEqual([])
})

it('has every class that a component asks for', () => {
  const missing = [...asked].flatMap(([file, uses]) => {
    const has = classesOf(read(file))
    return [...(uses ?? [])].filter((name) => !has.has(name)).map((name) => `${file}: .${name}`)
  })
  expect(missing).toEqual([])
})
