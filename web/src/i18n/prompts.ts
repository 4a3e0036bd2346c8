import { language, pick } from '.'

/** Beginnings of what one may say, by the server's keys (internal/people/profile/lists.go). */
export type Prompts = Readonly<Record<string, string>>

const stacks = import.meta.glob<{ default: Prompts }>('./prompts/*.json')

const tag = (path: string) => path.slice('./prompts/'.length, -'.json'.length)

/** The cards of the language shown. Fetched when somebody is about to draw one, not before. */
export async function loadPrompts(of: string = language()): Promise<Prompts> {
  const known = pick([of], Object.keys(stacks).map(tag))
  const stack = stacks[`./prompts/${known}.json`]
  return stack ? (await stack()).default : {}
}
