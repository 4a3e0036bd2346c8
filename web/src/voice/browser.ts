import { me } from '../api'
import { environment } from '../realtime/environment'
import { captureTalk } from './capture'
import { play } from './earcons'
import { setVoice } from './levels'
import type { OpenConnection } from './mediaConnection'

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
  capture: captureTalk,
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
