import { type Readable, Writable } from '../ui/store'
import type { Player } from './player'

const SKIP_S = 10

/** What the keys of a headset and the lock screen show and do, for one owner. */
export interface MediaControls {
  /** Changes with what is shown: the metadata is set anew. */
  key: string
  title: string
  artist: string
  /** A square picture. */
  artwork?: { src: string; sizes: string; type: string }
  playing: boolean
  actions: Partial<Record<MediaSessionAction, MediaSessionActionHandler>>
  /** Of what has a length, seconds. */
  position?: { duration: number; playbackRate: number; position: number }
}

/**
 * Gives the system's media keys to the first of the owners that has something to control; the others wait.
 * Returns how to stop.
 */
export function ownMediaKeys(
  owners: readonly Readable<MediaControls | undefined>[],
  media: MediaSession | undefined = navigator.mediaSession,
): () => void {
  if (!media) return () => {}
  let shown: string | undefined
  let set: MediaSessionAction[] = []

  const handle = (action: MediaSessionAction, handler: MediaSessionActionHandler | null) => {
    try {
      media.setActionHandler(action, handler)
    } catch {
      // This browser does not know the action.
    }
  }
  const clear = () => {
    for (const action of set) handle(action, null)
    set = []
    shown = undefined
    media.metadata = null
    media.playbackState = 'none'
    media.setPositionState?.()
  }
  const show = () => {
    const at = owners.findIndex((owner) => owner.get() !== undefined)
    const controls = owners[at]?.get()
    if (!controls) {
      if (shown !== undefined) clear()
      return
    }
    const key = `${at} ${controls.key}`
    if (key !== shown) {
      clear()
      const { title, artist, artwork } = controls
      media.metadata = new MediaMetadata({ title, artist, artwork: artwork ? [artwork] : [] })
      shown = key
      set = Object.keys(controls.actions) as MediaSessionAction[]
      // What an action does may change while the same is shown.
      for (const action of set)
        handle(action, (details) => owners[at]?.get()?.actions[action]?.(details))
    }
    media.playbackState = controls.playing ? 'playing' : 'paused'
    if (controls.position) media.setPositionState?.(controls.position)
  }
  const undo = owners.map((owner) => owner.subscribe(show))
  show()
  return () => {
    for (const stop of undo) stop()
    if (shown !== undefined) clear()
  }
}

/** A model made of others: `from` is asked again whenever one of them changes. */
export function derived<T>(sources: readonly Readable<unknown>[], from: () => T): Readable<T> {
  const state = new Writable(from())
  for (const source of sources) source.subscribe(() => state.set(from()))
  return { get: state.get, subscribe: state.subscribe }
}

/** Of the recording that plays and has a title. The keys go on and back, and never choose about anybody. */
export function playerControls(player: Player): Readable<MediaControls | undefined> {
  return derived([player], () => {
    const { recording, status, rate } = player.get()
    if (recording?.title === undefined) return undefined
    const { artwork } = recording
    const duration = player.duration()
    const known = duration > 0 && Number.isFinite(duration)
    return {
      key: recording.key,
      title: recording.title,
      artist: 'Heyy',
      ...(artwork && { artwork: { src: artwork, sizes: '256x256', type: 'image/png' } }),
      playing: status === 'playing',
      actions: {
        play: () => void player.play(recording),
        pause: () => player.pause(),
        stop: () => player.stop(),
        seekbackward: ({ seekOffset }) => player.skip(-(seekOffset ?? SKIP_S)),
        seekforward: ({ seekOffset }) => player.skip(seekOffset ?? SKIP_S),
        seekto({ seekTime }) {
          const length = player.duration()
          if (seekTime !== undefined && length > 0) player.seek(recording, seekTime / length)
        },
        previoustrack: () => player.go('previous'),
        nexttrack: () => player.go('next'),
      },
      ...(known && {
        position: {
          duration,
          playbackRate: recording.message ? rate : 1,
          position: Math.min(duration, player.progress() * duration),
        },
      }),
    }
  })
}
