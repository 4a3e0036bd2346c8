import { useCallback, useEffect, useRef, useState } from 'react'
import { answer, api, Problem, type PublicRoom } from '../../api'

/** How often the room is read again while somebody looks. */
const AGAIN_MS = 10_000
/** A voice that is not known yet asks for more, but not all the time. */
const SOONER_MS = 1500

export type Seen =
  | { status: 'loading' }
  /** There is no such room for somebody without an account. */
  | { status: 'none' }
  /** It was there, and is over or no longer shared. */
  | { status: 'gone' }
  | { status: 'failed' }
  /** `stale`: the server could not be asked just now. */
  | { status: 'there'; room: PublicRoom; stale: boolean }

/** A shared room as anybody sees it, read again and again while the page is visible. */
export function usePublicRoom(roomId: string): { seen: Seen; again(): void } {
  const [seen, setSeen] = useState<Seen>({ status: 'loading' })
  const last = useRef(0)
  const over = useRef(false)

  const again = useCallback(() => {
    const now = performance.now()
    if (over.current || (last.current > 0 && now - last.current < SOONER_MS)) return
    last.current = now
    answer(api.GET('/api/rooms/{room}/public', { params: { path: { room: roomId } } })).then(
      (room) => setSeen({ status: 'there', room, stale: false }),
      (thrown) => {
        const { status } = Problem.of(thrown)
        const gone = status === 404 || status === 422
        if (gone) over.current = true
        setSeen((before) => {
          if (gone) return { status: before.status === 'there' ? 'gone' : 'none' }
          return before.status === 'there' ? { ...before, stale: true } : { status: 'failed' }
        })
      },
    )
  }, [roomId])

  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') again()
    }
    // Twice in development mode, where effects run twice.
    last.current = 0
    look()
    const timer = setInterval(look, AGAIN_MS)
    document.addEventListener('visibilitychange', look)
    window.addEventListener('online', look)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', look)
      window.removeEventListener('online', look)
    }
  }, [again])

  return { seen, again }
}
