import type { Readable } from '../ui/store'
import { derived, type MediaControls } from './mediaKeys'
import type { PublicListening } from './publicListening'

/**
 * The media keys of a room that is heard without an account, from the first wish to hear it: pause and stop
 * end the listening, play begins anew.
 */
export function publicControls(
  listening: Pick<PublicListening, 'roomId' | 'get' | 'subscribe' | 'play' | 'stop'>,
  title: string,
): Readable<MediaControls | undefined> {
  let begun = false
  return derived([listening], () => {
    const { status } = listening.get()
    const off = status === 'idle' || status === 'refused'
    begun ||= !off
    if (!begun || status === 'gone') return undefined
    return {
      key: `${listening.roomId} ${title}`,
      title,
      artist: 'Heyy',
      artwork: { src: '/icons/icon-512.png', sizes: '512x512', type: 'image/png' },
      playing: !off && status !== 'blocked',
      actions: {
        play: () => listening.play(),
        pause: () => listening.stop(),
        stop: () => listening.stop(),
      },
    }
  })
}
