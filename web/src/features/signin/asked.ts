/** That a code was asked for: it outlives a reload, for people look for their mail in this very tab. */
export interface Asked {
  email: string
  at: number
}

const KEY = 'heyy.code-asked'

/** As long as a code lives. */
const GOOD_MS = 10 * 60_000

export function remember(asked: Asked | undefined): void {
  try {
    if (asked) sessionStorage.setItem(KEY, JSON.stringify(asked))
    else sessionStorage.removeItem(KEY)
  } catch {
    // Without storage a reload asks for the address again, that is all.
  }
}

export function remembered(now = Date.now()): Asked | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null) return undefined
    if (!('email' in kept) || typeof kept.email !== 'string') return undefined
    if (!('at' in kept) || typeof kept.at !== 'number') return undefined
    const age = now - kept.at
    return age >= 0 && age < GOOD_MS ? { email: kept.email, at: kept.at } : undefined
  } catch {
    return undefined
  }
}
