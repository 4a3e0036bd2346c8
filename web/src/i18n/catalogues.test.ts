import { IntlMessageFormat } from 'intl-messageformat'
import { describe, expect, it } from 'vitest'
import { catalogue, catalogued, sources } from '../testing/catalogues'

const english = catalogue('en')
const others = catalogued.filter((language) => language !== 'en')

/** Words that are the same in another language, or a name. */
const same =
  /^(Heyy|Karaoke|Sport|Blues|Jazz|Pop|Rock|Hip-hop|Yoga|Tennis|Chat|Startup|Passkey|PIN|Me|Folk|Metal|K-pop|Padel|Badminton|Mahjong|Fantasy|Anime|Radio|Design|Marketing|Birdwatching|Filmmaking|DIY|Street food|Link \{number\}|\+\{callExtensionMinutes\} min)$/i

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

it('has English, from which the others are translated', () => {
  expect(catalogued).toContain('en')
  expect(others.length).toBeGreaterThan(0)
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

/** A message without its placeholders and the words of ICU. */
const said = (message: string) => message.replace(/\{\w+, (plural|select),|=\d|\{\w+\}/g, '')

// Numbers come from the constants that act on them: limits in vocabulary.gen.ts, or a value of the
// screen. Those who write "seven minutes" here would have to be told when it becomes eight.
describe.each(catalogued)('numbers in %s', (language) => {
  it('are placeholders', () => {
    const written = [...catalogue(language)].filter(([, text]) => /\p{Nd}/u.test(said(text)))
    expect(written).toEqual([])
  })
})

it('spells no number of a rule out', () => {
  const number = /\b(three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|half)\b/i
  // Of sentences about no constant: a wish to choose enough, and three chips on screen.
  const free = ['onboarding.interests.lead', 'onboarding.self.missing', 'signin.code.lead']
  const written = [...english].filter(
    ([key, text]) => number.test(said(text)) && !free.includes(key),
  )
  expect(written).toEqual([])
})

it('is nowhere part of the first page', () => {
  const atOnce = sources.filter(({ text }) => /^import (?!type\b).*\.json'$/m.test(text))
  expect(atOnce).toEqual([])
})

it('uses every message somewhere', () => {
  const code = sources.map(({ text }) => text).join('\n')
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
