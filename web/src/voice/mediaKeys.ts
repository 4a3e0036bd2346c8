import type { Player, PlayerState } from './player'

const SKIP_S = 10

type Handlers = [MediaSessionAction, MediaSessionActionHandler][]

/**
 * The keys of a headset and the lock screen, for what plays and has a title. Returns how to stop. They
 * go on and back, and never choose about anybody.
 */
export function followMediaKeys(
  player: Player,
  media: MediaSession | undefined = navigator.mediaSession,
): () => void {
  if (!media) return () => {}
  let shown: string | undefined

  const handlers = ({ recording }: PlayerState): Handlers => [
    ['play', () => recording && void player.play(recording)],
    ['pause', () => player.pause()],
    ['stop', () => player.stop()],
    ['seekbackward', ({ seekOffset }) => player.skip(-(seekOffset ?? SKIP_S))],
    ['seekforward', ({ seekOffset }) => player.skip(seekOffset ?? SKIP_S)],
    [
      'seekto',
      ({ seekTime }) => {
        const length = player.duration()
        if (recording && seekTime !== undefined && length > 0) {
          player.seek(recording, seekTime / length)
        }
      },
    ],
    ['previoustrack', () => player.go('previous')],
    ['nexttrack', () => player.go('next')],
  ]

  const set = (state: PlayerState, on: boolean) => {
    for (const [action, handler] of handlers(state)) {
      try {
        media.setActionHandler(action, on ? handler : null)
      } catch {
        // This browser does not know the action.
      }
    }
  }

  const show = () => {
    const state = player.get()
    const { recording, status, rate } = state
    const title = recording?.title
    if (recording?.key !== shown || title === undefined) {
      if (title !== undefined && recording) {
        const { artwork } = recording
        media.metadata = new MediaMetadata({
          title,
          artist: 'Heyy',
          artwork: artwork ? [{ src: artwork, sizes: '256x256', type: 'image/png' }] : [],
        })
        set(state, true)
        shown = recording.key
      } else if (shown !== undefined) {
        media.metadata = null
        media.playbackState = 'none'
        set(state, false)
        shown = undefined
      }
    }
    if (title === undefined) return
    media.playbackState = status === 'playing' ? 'playing' : 'paused'
    const duration = player.duration()
    if (duration > 0 && Number.isFinite(duration)) {
      media.setPositionState?.({
        duration,
        playbackRate: recording?.message ? rate : 1,
        position: Math.min(duration, player.progress() * duration),
      })
    }
  }
  return player.subscribe(show)
}
