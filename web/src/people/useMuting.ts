import { useProblemText } from '../i18n/problem'
import { toast } from '../ui'
import { session } from '../voice/session'

/**
 * Closes or opens the microphone in the room, and says so if it did not open. Closed it is at once,
 * whatever the server hears of it.
 */
export function useMuting(): (muted: boolean) => void {
  const say = useProblemText()
  return (muted) =>
    void session.setMuted(muted).then((problem) => {
      if (problem && !muted) toast({ text: say(problem) })
    })
}
