import { useEffect, useRef } from 'react'
import { micWasChecked } from '../../people'
import { level } from '../../voice/levels'
import { type MicCheck, openMicCheck } from '../../voice/mic'
import { session } from '../../voice/session'

/**
 * How loud it is around this person, 0..1, for their own eyes: nothing is sent or kept. The
 * microphone is opened only where it was checked before; in a room its own one is listened to.
 */
export function useEar(self: string, on: boolean): () => number {
  const check = useRef<MicCheck | undefined>(undefined)
  useEffect(() => {
    const room = session.get()
    const held = room.status === 'live' && room.mic === 'open'
    if (!on || held || !micWasChecked()) return
    const opened = openMicCheck()
    check.current = opened
    return () => {
      check.current = undefined
      opened.stop()
    }
  }, [on])
  return () => (on ? (check.current?.get().level() ?? level(self)) : 0)
}
