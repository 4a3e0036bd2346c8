import { useTranslation } from 'react-i18next'
import en from './en.json'

type Known = keyof typeof en.problem

/** The catalogue's key for a problem's code: "room.seat_taken" is problem.room_seat_taken. */
export function problemKey(code: string): `problem.${Known}` {
  const key = code.replaceAll('.', '_')
  return `problem.${key in en.problem ? (key as Known) : 'unknown'}`
}

/** Says a problem in the person's own language; the server's sentence is for logs. */
export function useProblemText(): (problem: { code: string }) => string {
  const { t } = useTranslation()
  return (problem) => t(problemKey(problem.code))
}
