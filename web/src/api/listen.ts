import { send } from './client'
import { Problem } from './problem'
import type { Listen } from './types'

/**
 * Listens to a room by WHEP: as a member for as long as the stay lasts, or without an account where the
 * room is shared. Offer and answer are SDP, which the generated client does not know.
 */
export const postOffer = (room: string, sdp: string): Promise<Listen> => post(room, sdp, '')

/** Hears a room for ten seconds without entering it. */
export const postPreview = (room: string, sdp: string): Promise<Listen> =>
  post(room, sdp, '?preview=true')

/**
 * Without an answer for this long the way to the server is taken for dead, as after a tunnel: the browser may
 * wait for minutes on a connection that nobody holds at the other end, and takes a new one for the next try.
 */
const ANSWER_MS = 8000

async function post(room: string, sdp: string, query: string): Promise<Listen> {
  const over = new AbortController()
  const late = setTimeout(() => over.abort(), ANSWER_MS)
  try {
    const at = `/api/rooms/${encodeURIComponent(room)}/listen${query}`
    const response = await send(
      new Request(new URL(at, location.origin), {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'Content-Type': 'application/sdp' },
        body: sdp,
        signal: over.signal,
      }),
    )
    const url = response.headers.get('Location')
    const answer = await response.text()
    if (!url || answer === '') {
      throw new Problem({ code: 'unreadable', status: 0, detail: 'The answer was no session.' })
    }
    return { answer, url }
  } catch (thrown) {
    throw over.signal.aborted ? Problem.offline() : thrown
  } finally {
    clearTimeout(late)
  }
}
