import { useEffect, useRef, useState } from 'react'
import { interrupted, isCalling } from '../voice/live'
import { player } from '../voice/player'
import { type Length, newRecorder, type Take } from '../voice/recorder'
import { session } from '../voice/session'
import { type Fate, VoiceNote } from '../voice/voiceNote'

function blocked() {
  if (isCalling()) return 'call'
  const room = session.get()
  return room.status === 'live' && room.you.seat !== undefined ? 'seat' : undefined
}

/** What records by a press, as long as it is on screen; another key is another one. */
export function useNote(
  key: string,
  { least, most }: Length,
  taken: (take: Take, fate: Fate) => void,
): VoiceNote | undefined {
  const [note, setNote] = useState<VoiceNote>()
  const tell = useRef(taken)
  useEffect(() => {
    tell.current = taken
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says for what it is.
  useEffect(() => {
    const made = new VoiceNote({
      recorder: newRecorder({ least, most }),
      blocked,
      interrupted,
      quiet: () => player.pause(),
      now: () => performance.now(),
      taken: (take, fate) => tell.current(take, fate),
    })
    setNote(made)
    return () => made.close()
  }, [key, least, most])
  return note
}
