import { useState } from 'react'
import { Problem } from '../api'
import { useProblemText } from '../i18n/problem'

/** One command at a time, and what went wrong with the last one. */
export function useCommand() {
  const say = useProblemText()
  const [busy, setBusy] = useState<string>()
  const [problem, setProblem] = useState<Problem>()
  return {
    busy,
    problem,
    trouble: problem && say(problem),
    forget: () => setProblem(undefined),
    /** Runs one that is known by name; true: it holds now. */
    async run(name: string, command: () => Promise<unknown>): Promise<boolean> {
      if (busy) return false
      setBusy(name)
      setProblem(undefined)
      try {
        await command()
        return true
      } catch (thrown) {
        const said = Problem.of(thrown)
        if (said.code === 'command.applied') return true
        setProblem(said)
        return false
      } finally {
        setBusy(undefined)
      }
    },
  }
}
