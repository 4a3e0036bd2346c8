import { useEffect, useState } from 'react'
import { answer, api, type Person, type Room } from '../../api'

const EACH_MS = 20_000

/** Those one knows who listen to a crowd, in which nobody else is listed. */
export function useKnown(room: Room): readonly Person[] {
  const [known, setKnown] = useState<readonly Person[]>([])
  const { id, crowded = false } = room
  useEffect(() => {
    if (!crowded) return setKnown([])
    let late = false
    const read = () =>
      answer(api.GET('/api/rooms/{room}/known', { params: { path: { room: id } } })).then(
        ({ people }) => !late && setKnown(people),
        // It is read again.
        () => undefined,
      )
    void read()
    const timer = window.setInterval(() => document.hidden || void read(), EACH_MS)
    return () => {
      late = true
      window.clearInterval(timer)
    }
  }, [id, crowded])
  return known
}
