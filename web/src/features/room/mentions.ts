import type { Member } from '../../api'
import { find } from '../../people/search'

const MOST_NAMES = 5
/** Longer than any name; beyond it an @ is just an @. */
const LONGEST = 40

/** The mention that is being typed before the caret: where its @ stands, and what follows it. */
export function mentionAt(text: string, caret: number): { at: number; word: string } | undefined {
  const head = text.slice(0, caret)
  const at = head.lastIndexOf('@')
  if (at < 0 || head.length - at > LONGEST) return undefined
  // In an email address, for example, it begins no name. Scripts without spaces have it behind a letter.
  if (at > 0 && /[a-z0-9._-]/i.test(head.charAt(at - 1))) return undefined
  const word = head.slice(at + 1)
  return /[\n@]| {2}/.test(word) ? undefined : { at, word }
}

/** Who in the room could be meant, the best first. */
export function namesFor(word: string, members: readonly Member[], self: string): Member[] {
  const others = members.filter((m) => m.present && m.person.id !== self)
  if (word === '') return others.slice(0, MOST_NAMES)
  // A name that is written to its end is chosen.
  if (others.some((m) => word === `${m.person.name} ` || word.startsWith(`${m.person.name} `)))
    return []
  return find(others, word, (m) => [m.person.name]).slice(0, MOST_NAMES)
}
