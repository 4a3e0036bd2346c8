import type { Reason, Region } from '../api'
import { isolate, language, languageInWords, locale, useTranslation } from '../i18n'
import { knownInterest } from '../i18n/interests'
import { type Intent, intents, known } from './lists'

/** A name as it stands inside a sentence: "Night trains" is "night trains" there, "K-pop" stays. */
export function within(name: string, tag: string = language()): string {
  const [first = '', second = ''] = name
  const word = second !== second.toLocaleUpperCase(tag)
  return word ? first.toLocaleLowerCase(tag) + name.slice(first.length) : name
}

/** "jazz, tea and night trains", in the language shown. */
export function listed(items: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction' }).format(items)
}

const isIntent = (key: string): key is Intent => known(intents, [key]).length > 0

/** What is said of people wherever they are shown, in the language shown. */
export function useWords() {
  const { t } = useTranslation()

  const interest = (key: string) => {
    const named = knownInterest(key)
    return named ? t(named) : key
  }
  const intent = (key: string) => (isIntent(key) ? t(`people.intent.${key}`) : key)
  /** As a choice on its own, not within a sentence. */
  const intentTitle = (key: string) => (isIntent(key) ? t(`person.intent.${key}`) : key)
  const interestsWithin = (keys: readonly string[]) =>
    listed(keys.map((key) => within(interest(key))))

  /** A friend's sentence for why the two should meet; undefined for a reason we have no words for. */
  function reason({ kind, keys }: Reason): string | undefined {
    if (keys.length === 0 && (kind === 'interests' || kind === 'language' || kind === 'intent')) {
      return undefined
    }
    switch (kind) {
      case 'interests':
        return t('people.reason.interests', { list: interestsWithin(keys) })
      case 'language':
        return t('people.reason.language', { list: listed(keys.map(languageInWords)) })
      case 'intent':
        return t('people.reason.intent', { list: listed(keys.map(intent)) })
      case 'region':
      case 'voice':
      case 'new':
        return t(`people.reason.${kind}`)
      default:
        return undefined
    }
  }

  return {
    interest,
    intent,
    intentTitle,
    reason,
    languages: (codes: readonly string[]) =>
      t('people.speaks', { list: listed(codes.map(languageInWords)) }),
    /** "around Milan, near you": a region, never a distance. */
    region(of: Region): string {
      const name = isolate(of.name)
      const place = t('people.region.place', { size: of.size, name })
      return of.where ? t(`people.region.${of.where}`, { place }) : place
    },
    day: (at: number) =>
      new Intl.DateTimeFormat(locale(), { day: 'numeric', month: 'long' }).format(at),
  }
}

/** Seconds as a clock: "0:14". */
export function clock(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}
