import { useEffect, useState } from 'react'
import type { Clip } from '../api'
import { useStore } from '../ui'
import { player, type Recording } from '../voice/player'

/** Finds a new address for the clip at a place, once its old one is too old. */
export type Renew = (place: number) => Promise<string | undefined>

/** A clip as the page's player knows it: by its path, for the ticket behind it changes. */
export function recordingOf(clip: Clip, renew?: Renew, about?: Partial<Recording>): Recording {
  const key = clip.url.split('?')[0] ?? clip.url
  return { key, url: clip.url, ...about, ...(renew && { renew: () => renew(clip.place) }) }
}

const SHOWN_EVERY_MS = 80

/** One recording in the page's one player: how it stands, and what to do with it. */
export function useClip(recording: Recording) {
  const state = useStore(player)
  const mine = state.key === recording.key
  const status = mine ? state.status : 'idle'
  const [progress, setProgress] = useState(0)

  const { key } = recording
  useEffect(() => {
    if (status === 'idle') return setProgress(player.left(key))
    setProgress(player.progress())
    if (status !== 'playing') return
    const timer = setInterval(() => setProgress(player.progress()), SHOWN_EVERY_MS)
    return () => clearInterval(timer)
  }, [status, key])

  return {
    status,
    progress,
    /** How loud it is now, 0..1; asked for with every frame. */
    level: () => (player.get().key === recording.key ? player.level() : 0),
    seek: (to: number) => player.seek(recording, to),
    toggle() {
      if (status === 'playing' || status === 'loading') player.pause()
      else void player.play(recording)
    },
  }
}
