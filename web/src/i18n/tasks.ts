import { language, pick } from '.'

/** What verifying asks for, by the server's keys (internal/people/verification/lists.go). */
export interface Tasks {
  words: Readonly<Record<string, string>>
  poses: Readonly<Record<string, string>>
  reasons: Readonly<Record<string, string>>
}

const all = import.meta.glob<{ default: Tasks }>('./tasks/*.json')

const tag = (path: string) => path.slice('./tasks/'.length, -'.json'.length)

/** In the language shown. Few are verified at any time, so it is fetched when it is wanted. */
export async function loadTasks(of: string = language()): Promise<Tasks> {
  const known = pick([of], Object.keys(all).map(tag))
  const found = all[`./tasks/${known}.json`]
  return found ? (await found()).default : { words: {}, poses: {}, reasons: {} }
}
