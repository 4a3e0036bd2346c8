import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import type en from './en.json'
import { limits } from './vocabulary.gen'

type Known = keyof typeof en.problem

/** A refusal as a screen has it. Without a status it is one of the client's own. */
interface Refusal {
  code: string
  status?: number
  field?: string
  left?: number
}

/** How many characters fit, by the field that a refusal names. */
const most: Record<string, number> = {
  'body.name': limits.nameMost,
  'body.pronouns': limits.pronounsMost,
  'body.work.role': limits.workMost,
  'body.work.company': limits.workMost,
  'body.title': limits.titleMost,
  'body.note': limits.noteMost,
  'body.about': limits.handNoteMost,
}

/**
 * The catalogue's key for a problem: "room.seat_taken" is problem.room_seat_taken. A code without
 * words, such as one of a newer server, is said neutrally: only what the server could not do (5xx,
 * or no usable answer) is called a fault of ours.
 */
export function problemKey({ code, status = 0 }: Refusal): `problem.${Known}` {
  const key = code.replaceAll('.', '_')
  if (i18next.exists(`problem.${key}`)) return `problem.${key as Known}`
  return status >= 400 && status < 500 ? 'problem.refused' : 'problem.unknown'
}

/** Says a problem in the person's own language; the server's sentence is for logs. */
export function useProblemText(): (problem: Refusal) => string {
  const { t } = useTranslation()
  return (problem) =>
    t(problemKey(problem), { count: problem.left ?? most[problem.field ?? ''] ?? 0 })
}
