import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, it } from 'vitest'

const here = import.meta.dirname
const src = resolve(here, '..')

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, before = ''): Map<string, string> {
  const out = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const name = before ? `${before}.${key}` : key
    if (typeof value === 'string') out.set(name, value)
    else for (const [k, v] of flat(value, name)) out.set(k, v)
  }
  return out
}

const languages = readdirSync(here)
  .filter((name) => name.endsWith('.json'))
  .map((name) => name.replace('.json', ''))
const catalogue = (language: string) =>
  flat(JSON.parse(readFileSync(join(here, `${language}.json`), 'utf8')) as Tree)
const english = catalogue('en')
const others = languages.filter((language) => language !== 'en')

/** Words that are the same in another language, or a name. */
const same =
  /^(Heyy|Karaoke|Sport|Blues|Jazz|Pop|Rock|Hip-hop|Yoga|Tennis|Chat|Startup|Passkey|Me|Folk|Metal|K-pop|Padel|Badminton|Mahjong|Fantasy|Anime|Radio|Design|Marketing)$/i

/** The names of the values a message takes. */
function values(message: string): string[] {
  const names = new Set<string>()
  const walk = (elements: ReturnType<IntlMessageFormat['getAst']>) => {
    for (const element of elements) {
      if ('value' in element && element.type !== 0) names.add(String(element.value))
      if ('options' in element) for (const o of Object.values(element.options)) walk(o.value)
    }
  }
  walk(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}

it('has the three languages to begin with', () => {
  expect(languages).toEqual(expect.arrayContaining(['en', 'it', 'zh']))
})

describe.each(others)('%s', (language) => {
  const words = catalogue(language)

  it('has the keys of English, no more and no fewer', () => {
    expect([...words.keys()].sort()).toEqual([...english.keys()].sort())
  })

  it('is translated', () => {
    const untouched = [...words].filter(([key, text]) => {
      const original = english.get(key) ?? ''
      return (
        text === original && /\p{L}{2}/u.test(text.replace(/\{[^}]*\}/g, '')) && !same.test(text)
      )
    })
    expect(untouched).toEqual([])
  })

  it('takes the same values in every message', () => {
    const wrong = [...words].filter(
      ([key, text]) => values(text).join() !== values(english.get(key) ?? '').join(),
    )
    expect(wrong).toEqual([])
  })
})

it('uses every message somewhere', () => {
  const code = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.') && !name.endsWith('.d.ts'))
    .map((name) => readFileSync(join(src, name), 'utf8'))
    .join('\n')
  // Keys as they stand, and keys with a part put in while running.
  const whole = new Set([...code.matchAll(/['"`]([a-z]\w*(?:\.\w+)+)['"`]/gi)].map((m) => m[1]))
  const made = [...code.matchAll(/`([a-z]\w*(?:\.(?:\w|\$\{[^}]+\})+)+)`/gi)]
    .filter((m) => m[1]?.includes('${'))
    .map((m) => new RegExp(`^${m[1]?.replace(/\./g, '\\.').replace(/\$\{[^}]+\}/g, '\\w+')}$`))
  const unused = [...english.keys()].filter(
    (key) => !whole.has(key) && !made.some((pattern) => pattern.test(key)),
  )
  expect(unused).toEqual([])
})
