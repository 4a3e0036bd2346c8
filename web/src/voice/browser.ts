import { me } from '../api'
import { environment } from '../realtime/environment'
import { captureTalk } from './capture'
import { play } from './earcons'
import { setVoice } from './levels'
import type { OpenConnection } from './mediaConnection'
import { offerAudio } from './whep'

/** How often the clock is looked at, and how late that may be before the machine must have slept. */
const CLOCK_MS = 1000
const ASLEEP_MS = 5000

const missing =
  (thrown: unknown): OpenConnection =>
  async (_url, _token, on) => {
    on({ type: 'stuck', why: 'outdated' })
    throw thrown
  }

/** What rooms and calls ask of the browser alike. */
export const browser = {
  ...environment,
  /** The account id of whoever is signed in. */
  self(): string {
    const who = me.get()
    return who.status === 'in' ? who.me.id : ''
  },
  /** A line is opened after the server has let us in: a part that is missing then is no lost connection. */
  media: (): Promise<OpenConnection> =>
    import('./livekit').then((m) => m.openConnection).catch(missing),
  offer: () => offerAudio(),
  capture: captureTalk,
  onDoubt(fn: () => void): () => void {
    let last = Date.now()
    const clock = setInterval(() => {
      const now = Date.now()
      if (now - last > CLOCK_MS + ASLEEP_MS) fn()
      last = now
    }, CLOCK_MS)
    const over = new AbortController()
    const { signal } = over
    // Wi-Fi to mobile and back, where the browser tells; it tells of every other speed as well.
    const { connection } = navigator as Navigator & {
      connection?: EventTarget & { type?: string }
    }
    let path = connection?.type
    const changed = () => {
      const now = connection?.type
      if (now !== path && now !== 'none') fn()
      path = now
    }
    connection?.addEventListener('change', changed, { signal })
    // A page that was put away and is shown again: its connections are gone.
    window.addEventListener('pageshow', (event) => event.persisted && fn(), { signal })
    return () => {
      clearInterval(clock)
      over.abort()
    }
  },
  setVoice,
  earcon: play,
  onPermission(fn: (allowed: boolean) => void): () => void {
    const over = new AbortController()
    const watch = async () => {
      // Not every browser tells of the microphone; there the track alone says that it has ended.
      const status = await navigator.permissions?.query({ name: 'microphone' })
      status?.addEventListener('change', () => fn(status.state === 'granted'), {
        signal: over.signal,
      })
    }
    watch().catch(() => undefined)
    return () => over.abort()
  },
  onDevices(fn: () => void): () => void {
    navigator.mediaDevices?.addEventListener('devicechange', fn)
    return () => navigator.mediaDevices?.removeEventListener('devicechange', fn)
  },
}
