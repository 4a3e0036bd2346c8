import en from './en.json'

export type Interest = keyof typeof en.interest

/** What a person may like, in the order in which to show it; the server keeps the same list. */
export const interestKeys = Object.keys(en.interest) as Interest[]

export const interestName = (key: Interest) => `interest.${key}` as const

/** The catalogue's key for whatever the server names, undefined for what we have no word for. */
export function knownInterest(key: string): `interest.${Interest}` | undefined {
  return key in en.interest ? interestName(key as Interest) : undefined
}
