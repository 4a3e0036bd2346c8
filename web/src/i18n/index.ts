import i18next from 'i18next'
import ICU from 'i18next-icu'
import { initReactI18next } from 'react-i18next'
import en from './en.json'

export { useTranslation } from 'react-i18next'

/**
 * One JSON file per language; its name is the language tag. A new file here is
 * a new language, nothing else has to know. English comes with the page because
 * it is the fallback, the others are fetched when wanted.
 */
const catalogues = import.meta.glob<{ default: typeof en }>(['./*.json', '!./en.json'])

function tag(path: string): string {
  return path.slice('./'.length, -'.json'.length)
}

export const languages: readonly string[] = ['en', ...Object.keys(catalogues).map(tag).sort()]

const remembered = 'heyy.language'

function stored(): string | null {
  try {
    return localStorage.getItem(remembered)
  } catch {
    return null // storage may be forbidden; the browser's wish is enough
  }
}

/** The first wish we have a catalogue for: `zh-Hans-CN` finds `zh`. */
export function pick(wishes: readonly string[], offered: readonly string[]): string {
  for (const wish of wishes) {
    const exact = offered.find((o) => o.toLowerCase() === wish.toLowerCase())
    if (exact) return exact
    const base = wish.split('-')[0]?.toLowerCase()
    const near = offered.find((o) => o.toLowerCase() === base)
    if (near) return near
  }
  return 'en'
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
}

export async function startI18n(wish?: string): Promise<void> {
  const language = pick(
    [wish, stored(), ...navigator.languages].filter((l) => l != null),
    languages,
  )
  await i18next
    .use(ICU)
    .use(initReactI18next)
    .init({
      lng: 'en',
      fallbackLng: 'en',
      resources: { en: { translation: en } },
      nsSeparator: false,
      returnNull: false,
      interpolation: { escapeValue: false },
    })
  await setLanguage(language, false)
}

/** Changes the language of everything on screen, and remembers it. */
export async function setLanguage(language: string, remember = true): Promise<void> {
  const known = pick([language], languages)
  try {
    await load(known)
    await i18next.changeLanguage(known)
    dress(known)
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

export function language(): string {
  return i18next.language
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
 * Sets a person's name apart inside a sentence, as <bdi> does for elements: an
 * Arabic name must not turn the words around it.
 */
export function apart(name: string): string {
  return `\u2068${name}\u2069`
}

/** "Ada, Bo and Chen", each name set apart. */
export function nameList(names: readonly string[]): string {
  return new Intl.ListFormat(i18next.language, { type: 'conjunction' }).format(names.map(apart))
}

/** Sentences after one another; Chinese sets no space between them. */
export function inOneLine(sentences: readonly string[]): string {
  return sentences.join(i18next.language.startsWith('zh') ? '' : ' ')
}
