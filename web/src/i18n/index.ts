import i18next from 'i18next'
import ICU from 'i18next-icu'
import { initReactI18next } from 'react-i18next'
import type en from './en.json'
import { languageKeys, limits } from './vocabulary.gen'

export { useTranslation } from 'react-i18next'

export type Language = (typeof languageKeys)[number]

/**
 * One JSON file per language; its name is the language tag. Each is fetched when it is
 * wanted, and only then. The list of languages is the server's (internal/base/language);
 * a test holds the files here against it.
 */
const catalogues = import.meta.glob<{ default: typeof en }>('./*.json')

/** What is shown to those whose language is not here, or could not be fetched. */
const fallback = 'en'

export const languages: readonly Language[] = languageKeys

const remembered = 'heyy.language'

function stored(): string | null {
  try {
    return localStorage.getItem(remembered)
  } catch {
    return null // storage may be forbidden; the browser's wish is enough
  }
}

/** The first wish we have a catalogue for: `zh-Hans-CN` finds `zh`. */
export function pick(wishes: readonly string[], offered: readonly string[] = languages): string {
  for (const wish of wishes) {
    const exact = offered.find((o) => o.toLowerCase() === wish.toLowerCase())
    if (exact) return exact
    const base = wish.split('-')[0]?.toLowerCase()
    const near = offered.find((o) => o.toLowerCase() === base)
    if (near) return near
  }
  return fallback
}

async function load(language: string): Promise<void> {
  const found = catalogues[`./${language}.json`]
  if (!found || i18next.hasResourceBundle(language, 'translation')) return
  i18next.addResourceBundle(language, 'translation', (await found()).default)
}

function dress(language: string): void {
  const root = document.documentElement
  root.lang = language
  root.dir = i18next.dir(language)
  document.querySelector('meta[name=description]')?.setAttribute('content', translate('app.about'))
}

/** Fetches the words and starts with them; fails only where no catalogue at all can be fetched. */
export async function startI18n(wish?: string): Promise<void> {
  const wanted = pick([wish, stored(), ...navigator.languages].filter((l) => l != null))
  await i18next
    .use(ICU)
    .use(initReactI18next)
    .init({
      lng: wanted,
      // Every catalogue has every key: a second one would be fetched for nothing.
      fallbackLng: false,
      resources: {},
      nsSeparator: false,
      returnNull: false,
      // Every text may speak of the server's limits: "{callMinutes} minutes".
      interpolation: { escapeValue: false, defaultVariables: limits },
    })
  await show(wanted).catch(() => show(fallback))
}

async function show(language: string): Promise<void> {
  await load(language)
  await i18next.changeLanguage(language)
  dress(language)
}

/** Changes the language of everything on screen, and remembers it. */
export async function setLanguage(language: string, remember = true): Promise<void> {
  const known = pick([language], languages)
  try {
    await show(known)
  } catch {
    // The catalogue could not be fetched (offline): what is there stays readable.
    return
  }
  if (!remember) return
  try {
    localStorage.setItem(remembered, known)
  } catch {
    // Not remembered, that is all.
  }
}

/** For sentences said later than they are ordered, outside a component that draws them anew. */
export const translate = i18next.t

export function language(): Language {
  return languages.find((known) => known === i18next.language) ?? fallback
}

const locales = new Map<string, string>()

/**
 * How days and times are written: as the browser's person has it where they read that language (in
 * "en-GB" a day has 24 hours, and comes before its month), otherwise as the language alone does.
 */
export function locale(): string {
  const shown = language()
  const wishes = navigator.languages
  const key = `${shown} ${wishes.join()}`
  const found = locales.get(key) ?? wishes.find((tag) => writesLike(tag, shown)) ?? shown
  locales.set(key, found)
  return found
}

/** Whether a tag is of this language, in the letters in which its catalogue is written. */
function writesLike(tag: string, shown: Language): boolean {
  try {
    const [a, b] = [tag, shown].map((one) => new Intl.Locale(one).maximize())
    return a?.language === b?.language && a?.script === b?.script
  } catch {
    return false // no tag of a language: browsers take what the system calls itself
  }
}

/** A language's name in itself: "Italiano", "中文". */
export function languageName(code: string): string {
  const name = new Intl.DisplayNames([code], { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1)
}

/** A language's name in the language shown, for use in a sentence: "italiano", "意大利语". */
export function languageInWords(code: string): string {
  return new Intl.DisplayNames([i18next.language], { type: 'language' }).of(code) ?? code
}

/**
 * Isolates a person's name inside a sentence, as <bdi> does for elements: an
 * Arabic name must not turn the words around it.
 */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`
}

/** "Ada, Bo and Chen", each name isolated. */
export function nameList(names: readonly string[]): string {
  return new Intl.ListFormat(i18next.language, { type: 'conjunction' }).format(names.map(isolate))
}

/** At most so many names; of more the first two, and how many are left: "Ada, Bo and 3 more". */
export function namesAndMore(
  names: readonly string[],
  most: number,
  more: (count: number) => string,
): string {
  if (names.length <= most) return nameList(names)
  const named = names.slice(0, 2)
  return nameList([...named, more(names.length - named.length)])
}

/** "25–35", with the dash of the language. */
export function range(from: number, to: number): string {
  return new Intl.NumberFormat(i18next.language).formatRange(from, to)
}

/** Sentences after one another; Chinese sets no space between them. */
export function inOneLine(sentences: readonly string[]): string {
  return sentences.join(i18next.language.startsWith('zh') ? '' : ' ')
}
