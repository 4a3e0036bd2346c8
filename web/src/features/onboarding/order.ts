import type { Me } from '../../api'

/** What is asked after name and birth date, in this order. */
export const questions = ['self', 'meet', 'languages', 'interests', 'home', 'voice'] as const
export type Question = (typeof questions)[number]

export const isQuestion = (value: unknown): value is Question =>
  questions.includes(value as Question)

type Asked = Pick<Me, 'needs' | 'languages' | 'language'>

/**
 * The questions this person has answered, by what the server still misses. Their first language was
 * guessed from the page's, so that one counts when it was changed or `passed` says it was seen.
 */
export function answered(me: Asked, passed: ReadonlySet<Question>): Question[] {
  const has = (...needs: string[]) => !needs.some((need) => me.needs.includes(need))
  const guessed = me.languages.length === 1 && me.languages[0] === me.language
  const is: Record<Question, boolean> = {
    self: has('gender'),
    meet: has('meet', 'intents'),
    languages: has('languages') && (!guessed || passed.has('languages')),
    interests: has('interests'),
    home: has('home'),
    voice: has('intro'),
  }
  return questions.filter((question) => is[question])
}

/**
 * The next question after one (none: the first of all) that is neither answered nor put off;
 * undefined when nothing is left to ask.
 */
export function nextQuestion(
  me: Asked,
  passed: ReadonlySet<Question>,
  after?: Question,
): Question | undefined {
  const done = answered(me, passed)
  return questions
    .slice(after ? questions.indexOf(after) + 1 : 0)
    .find((question) => !done.includes(question) && !passed.has(question))
}

const key = (id: string) => `heyy.passed.${id}`

/** What this person put off or confirmed on this device, until the tab closes. */
export function recallPassed(id: string): Set<Question> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(key(id)) ?? '[]')
    return new Set(Array.isArray(stored) ? stored.filter(isQuestion) : [])
  } catch {
    return new Set() // forbidden or unreadable: it is asked once more
  }
}

export function rememberPassed(id: string, passed: ReadonlySet<Question>): void {
  try {
    sessionStorage.setItem(key(id), JSON.stringify([...passed]))
  } catch {
    // It is asked once more, that is all.
  }
}
