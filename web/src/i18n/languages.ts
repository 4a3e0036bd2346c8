import { language } from '.'
import { spokenLanguageKeys } from './vocabulary.gen'

/** What people can say they speak. */
export const spokenLanguages: readonly string[] = spokenLanguageKeys

/**
 * A language as the language shown writes it, fit to begin a line: "Italiano", "意大利语".
 */
export function spokenName(code: string, tag: string = language()): string {
  const name = new Intl.DisplayNames([tag], { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1)
}

/** Those this person probably speaks, by what their browser asks for, the likeliest first. */
export function likelyLanguages(wishes: readonly string[]): string[] {
  const likely: string[] = []
  for (const wish of wishes) {
    const lower = wish.toLowerCase()
    const base = lower.split('-')[0] ?? ''
    // What browsers call Norwegian and Filipino, and a Chinese that is not Mandarin.
    const code = /^zh-(hk|mo)/.test(lower)
      ? 'yue'
      : ({ nb: 'no', nn: 'no', tl: 'fil' }[base] ?? base)
    if (spokenLanguages.includes(code) && !likely.includes(code)) likely.push(code)
  }
  return likely
}
