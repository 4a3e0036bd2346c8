import { useState } from 'react'
import { Problem } from '../../api'
import { useProblemText } from '../../i18n/problem'

/** Saves one answer: busy while it is under way, and what went wrong in words. */
export function useSave() {
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()
  return {
    busy,
    error,
    setError,
    async save<T>(run: () => Promise<T>, done: (result: T) => void) {
      setBusy(true)
      setError(undefined)
      try {
        done(await run())
      } catch (thrown) {
        setError(say(Problem.of(thrown)))
      } finally {
        setBusy(false)
      }
    },
  }
}
