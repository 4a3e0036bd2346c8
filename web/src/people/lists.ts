import { genderKeys, intentKeys, limits, workOfferKeys } from '../i18n/vocabulary.gen'

export const genders = genderKeys
export const intents = intentKeys
export const openTo = workOfferKeys

export type Intent = (typeof intents)[number]
export type OpenTo = (typeof openTo)[number]

/** Those of a list that we have words for: a newer server may know more. */
export function known<T extends string>(list: readonly T[], keys: readonly string[]): T[] {
  return list.filter((key) => keys.includes(key))
}

export const MOST_INTERESTS = limits.interestsMost
export const MOST_LANGUAGES = limits.languagesMost
