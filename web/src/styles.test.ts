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

/** Where a side is meant, and not where lines begin or end. */
const sided: Record<string, string> = {
  'features/discover/Card.module.css: left: 0':
    'a card is pushed to the right to like it, in every language',
  'features/discover/Card.module.css: right: 0':
    'a card is pushed to the right to like it, in every language',
}

/** The values of a shorthand; what stands in parentheses is one. */
function valuesOf(text: string): string[] {
  const values = ['']
  let deep = 0
  for (const char of text.trim()) {
    if (char === '(') deep++
    if (char === ')') deep--
    if (deep === 0 && /\s/.test(char)) values.push('')
    else values[values.length - 1] += char
  }
  return values.filter((value) => value !== '')
}

/** Whether a declaration names left or right, in its property or its value, where a logical one exists. */
function isSided(property: string, value: string): boolean {
  if (/^(left|right)$|-(left|right)(-|$)/.test(property)) return true
  if (/^(text-align|float|clear|caption-side)$/.test(property))
    return /\b(left|right)\b/.test(value)
  const four = valuesOf(value)
  if (four.length !== 4) return false
  const [a, b, c, d] = four
  if (property === 'border-radius') return a !== b || c !== d
  return (
    /^(margin|padding|inset|scroll-margin|scroll-padding|border-(width|style|color))$/.test(
      property,
    ) && b !== d
  )
}

it('is ready for languages that are written from right to left', () => {
  const found = named(/\.css$/).flatMap((file) => {
    const css = read(file).replace(/\/\*[\s\S]*?\*\//g, '')
    return [...css.matchAll(/(?:^|[;{])\s*([a-z-]+)\s*:\s*([^;{}]+)(?=[;}])/g)]
      .filter(([, property = '', value = '']) => isSided(property, value))
      .map(([, property, value]) => `${file}: ${property}: ${value?.trim()}`)
  })
  expect(found.filter((one) => !(one in sided))).toEqual([])
  // An exception that is needed no more goes.
  expect(Object.keys(sided).filter((one) => !found.includes(one))).toEqual([])
})

it.each([
  ['margin-left', '4px', true],
  ['border-top-right-radius', '4px', true],
  ['text-align', 'left', true],
  ['padding', '1px 2px 3px 4px', true],
  ['padding', '1px max(2px, 3px) 4px max(2px, 3px)', false],
  ['border-radius', '3px 3px 0 0', false],
  ['border-radius', '3px 0 0 3px', true],
  ['margin-inline-start', '4px', false],
] as const)('knows a side: %s: %s', (property, value, is) => {
  expect(isSided(property, value)).toBe(is)
})

/** The rules of a sheet, and those of them that hold in forced colours. */
function rulesOf(css: string) {
  const [usual = '', ...forced] = css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .split('@media (forced-colors: active)')
  const rules = (text: string) =>
    [...text.matchAll(/([^{};]+)\{([^{}]*)\}/g)].flatMap(([, selectors = '', body = '']) =>
      selectors
        .split(/,(?![^(]*\))/)
        .map((selector) => ({ selector: selector.trim(), element: elementOf(selector), body })),
    )
  return { usual: rules(usual), forced: rules(forced.join('')) }
}

/** What a selector paints, whatever state it is in. */
const elementOf = (selector: string) =>
  selector
    .replace(/\[[^\]]*\]|:(?:has|not|dir|is|lang|nth-child)\([^)]*\)|(?<!:):[a-z-]+/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** Whether a rule is about an element, or keeps the colours of everything in it. */
const covers = (element: string) => (rule: { element: string; body: string }) =>
  rule.element === element ||
  (rule.body.includes('forced-color-adjust: none') && element.startsWith(`${rule.element}::`))

const isState = (selector: string) => /:checked|\[(data|aria)-/.test(selector)

/** Grounds that forced colours leave, as ui/tokens.css makes them system colours there. */
const keptTokens = [
  '--bg',
  '--text',
  '--ember',
  '--ember-hover',
  '--on-ember',
  '--calm',
  '--on-calm',
  '--mood',
]
const isKept = (ground: string) =>
  ground === 'none' || keptTokens.some((token) => ground === `var(${token})`)

it('makes what forced colours must keep a system colour', () => {
  const made = rulesOf(read('ui/tokens.css')).forced.flatMap(({ body }) => [
    ...body.matchAll(/(--[\w-]+): (Canvas|CanvasText|Highlight|HighlightText);/g),
  ])
  expect(new Set(made.map(([, token]) => token))).toEqual(new Set(keptTokens))
})

it('shows every state in forced colours as well', () => {
  const lost = modules.flatMap((file) => {
    const { usual, forced } = rulesOf(read(file))
    return usual
      .filter(({ selector, element, body }) => {
        const ground = /background(?:-color)?:\s*([^;]+);/.exec(body)?.[1]
        if (ground === undefined || selector.includes(':hover')) return false
        // A ground that is all there is to see: a state's, or a drawing's in the colour of the words.
        if (!isState(selector) && ground.toLowerCase() !== 'currentcolor') return false
        return !isKept(ground) && !forced.some(covers(element))
      })
      .map(({ selector }) => `${file}: ${selector}`)
  })
  expect(lost).toEqual([])
})

it('keeps words on a ground of their own legible in forced colours', () => {
  // There the browser lays the colour of the page below words, and words on a highlight vanish in it.
  const covered = modules.flatMap((file) => {
    const { usual, forced } = rulesOf(read(file))
    const adjusts = forced.filter(({ body }) => body.includes('forced-color-adjust: none'))
    return usual
      .filter(({ body }) =>
        /background: var\(--(ember|text|mood|calm)\);[^}]*(?<!-)color:/.test(body),
      )
      .filter(({ element }) => !adjusts.some((rule) => ` ${element}`.endsWith(` ${rule.element}`)))
      .map(({ selector }) => `${file}: ${selector}`)
  })
  expect(covered).toEqual([])
})
