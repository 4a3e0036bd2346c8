/** What people say of themselves, by the server's keys; i18n/lists.test.ts holds them together. */
export const genders = ['woman', 'man', 'nonbinary'] as const
export const intents = ['dating', 'friends', 'professional'] as const
export const openTo = [
  'a_job',
  'hiring',
  'collaborating',
  'mentoring',
  'a_mentor',
  'founding',
  'investing',
  'speaking',
  'advice',
] as const

export type Intent = (typeof intents)[number]
export type OpenTo = (typeof openTo)[number]

/** Those of a list that we have words for: a newer server may know more. */
export function known<T extends string>(list: readonly T[], keys: readonly string[]): T[] {
  return list.filter((key) => keys.includes(key))
}

export const MOST_INTERESTS = 20
export const MOST_LANGUAGES = 8
