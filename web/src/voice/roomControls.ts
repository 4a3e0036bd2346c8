import type { Readable } from '../ui/store'
import { derived, type MediaControls } from './mediaKeys'
import type { Session } from './session'

/**
 * The media keys in a room: play and pause silence what is heard and let it be heard again, stop leaves. The
 * microphone is none of theirs.
 */
export function roomControls(
  session: Pick<Session, 'get' | 'subscribe' | 'silence' | 'leave' | 'silenced'>,
): Readable<MediaControls | undefined> {
  return derived([session, session.silenced], () => {
    const state = session.get()
    if (state.status !== 'live') return undefined
    const { id, title, host } = state.room
    return {
      key: `${id} ${title} ${host.name}`,
      title,
      artist: host.name || 'Heyy',
      artwork: { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
      // Where the browser wants a tap, the play key is one.
      playing: !session.silenced.get() && state.playback === 'ok',
      actions: {
        play: () => session.silence(false),
        pause: () => session.silence(true),
        stop: () => session.leave(),
      },
    }
  })
}
