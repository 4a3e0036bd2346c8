import type en from './en.json'
import { interestKeys } from './vocabulary.gen'

export { interestTree } from './vocabulary.gen'

export type Interest = keyof typeof en.interest
export type InterestGroup = keyof typeof en.interestGroup

export const interestName = (key: Interest) => `interest.${key}` as const

export const interestGroupName = (key: InterestGroup) => `interestGroup.${key}` as const

const known: readonly string[] = interestKeys

/** The catalogue's key for whatever the server names, undefined for what we have no word for. */
export function knownInterest(key: string): `interest.${Interest}` | undefined {
  return known.includes(key) ? interestName(key as Interest) : undefined
}
