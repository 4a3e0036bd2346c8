import { answer, api, Problem, postPreview } from '../api'
import { type Readable, Writable } from '../ui/store'
import { audioContext } from './audio'
import { type Captured, capture, type Refused } from './capture'
import type { Offer, Path } from './mediaConnection'
import { session } from './session'
import type { LiveState } from './state'
import { offerAudio } from './whep'

/** What stands between a person and the voices, one by one; undefined: not known yet. */
export interface CheckState {
  /** Whether everything that can be is known. */
  done: boolean
  server?: 'works' | 'unreachable'
  microphone?: 'works' | Refused
  /** 'tap': the browser plays nothing before one. */
  sound?: 'works' | 'tap'
  /**
   * How voices come. 'tcp': UDP is blocked. 'blocked': neither way. 'untried': there is no room to try with. 'spent': tried so often
   * that the server wants a pause. Absent where the server cannot be reached at all.
   */
  voice?: 'works' | 'tcp' | 'blocked' | 'untried' | 'spent'
}

export interface CheckDeps {
  capture(): Promise<Captured>
  /** Whether the browser plays sound now. */
  plays(): Promise<boolean>
  /** The room one is in. */
  inside(): LiveState | undefined
  /** How its sound comes. */
  path(): Promise<Path | undefined>
  /** Rooms that may be listened to from outside, the best one first. */
  rooms(): Promise<readonly string[]>
  offer(): Promise<Offer>
  preview(roomId: string, offer: string): Promise<{ answer: string; url: string }>
}

export interface ConnectionCheck extends Readable<CheckState> {
  stop(): void
}

/** The way is looked at this often until the connection says what it is. */
const LOOKS = 10
const LOOK_MS = 100

/**
 * Tries what a room needs, really: opens the microphone for a moment, asks whether sound may play, and
 * connects to the voices. In a room it is the connection that stands which is looked at. Outside it is a
 * preview of some room (one slot, never played), which the server bounds: three of one room in a quarter of
 * an hour, and thirty in all. One connection answers for both ways, for browsers take UDP where it passes.
 */
export function checkConnection(deps: CheckDeps): ConnectionCheck {
  const state = new Writable<CheckState>({ done: false })
  const over = new AbortController()
  const tell = (more: Partial<CheckState>) => {
    if (!over.signal.aborted) state.set({ ...state.get(), ...more })
  }

  const microphone = async () => {
    const mic = deps.inside()?.mic
    if (mic === 'open' || mic === 'muted') {
      tell({ microphone: 'works' })
      return
    }
    const got = await deps.capture()
    if ('track' in got) got.track.stop()
    tell({ microphone: 'track' in got ? 'works' : got.refused })
  }
  const sound = async () => tell({ sound: (await deps.plays()) ? 'works' : 'tap' })
  const voice = async () => tell(await tried(deps, over.signal))

  // One after the other, for the browser asks for the microphone over the page.
  const run = async () => {
    await Promise.all([sound(), voice()])
    await microphone()
    tell({ done: true })
  }
  void run()
  return { get: state.get, subscribe: state.subscribe, stop: () => over.abort() }
}

type Voice = Pick<CheckState, 'server' | 'voice'>

async function tried(deps: CheckDeps, signal: AbortSignal): Promise<Voice> {
  const inside = deps.inside()
  if (inside) return standing(inside, deps)
  let rooms: readonly string[]
  try {
    rooms = await deps.rooms()
  } catch (thrown) {
    return Problem.of(thrown).code === 'offline' ? { server: 'unreachable' } : untried
  }
  // A room may have ended meanwhile, or be heard by nobody outside.
  for (const room of rooms.slice(0, 3)) {
    if (signal.aborted) return untried
    const found = await previewed(room, deps)
    if (found) return found
  }
  return untried
}

const untried: Voice = { server: 'works', voice: 'untried' }

/** Where it is not known, voices come nevertheless. */
const by = (path: Path | undefined) => (path === 'tcp' ? 'tcp' : 'works')

async function standing({ connection, stuck }: LiveState, deps: CheckDeps): Promise<Voice> {
  if (connection !== 'connected') {
    return stuck === 'unreachable' || (connection === 'lost' && stuck === undefined)
      ? { server: 'unreachable' }
      : { server: 'works', voice: 'blocked' }
  }
  return { server: 'works', voice: by(await deps.path()) }
}

/** Undefined: this room is not to be listened to. */
async function previewed(room: string, deps: CheckDeps): Promise<Voice | undefined> {
  let offer: Offer
  try {
    offer = await deps.offer()
  } catch {
    return { server: 'works', voice: 'blocked' }
  }
  let listening: { answer: string; url: string }
  try {
    listening = await deps.preview(room, offer.sdp)
  } catch (thrown) {
    offer.close()
    const { code } = Problem.of(thrown)
    if (code === 'offline') return { server: 'unreachable' }
    return code === 'listen.previews_spent' ? { server: 'works', voice: 'spent' } : undefined
  }
  try {
    const connected = await new Promise<Awaited<ReturnType<Offer['accept']>> | undefined>(
      (resolve, reject) => {
        offer
          .accept(listening, (event) => event.type === 'stuck' && resolve(undefined))
          .then(resolve, reject)
      },
    )
    for (let look = 0; connected && look < LOOKS; look++) {
      const path = await connected.path()
      if (path) return { server: 'works', voice: by(path) }
      await new Promise((done) => setTimeout(done, LOOK_MS))
    }
    return { server: 'works', voice: connected ? 'works' : 'blocked' }
  } catch {
    return { server: 'works', voice: 'blocked' }
  } finally {
    offer.close(listening.url)
  }
}

/** Within this a context that may play does. */
const WAKES_MS = 500

async function plays(): Promise<boolean> {
  const context = audioContext()
  const late = new Promise((done) => setTimeout(done, WAKES_MS))
  await Promise.race([context.resume().catch(() => undefined), late])
  return context.state === 'running'
}

/** Checks what this page can do. Stop it when nobody looks any more. */
export const checkHere = (): ConnectionCheck =>
  checkConnection({
    capture,
    plays,
    inside() {
      const now = session.get()
      return now.status === 'live' ? now : undefined
    },
    path: session.path,
    rooms: async () => (await answer(api.GET('/api/rooms'))).rooms.map(({ id }) => id),
    offer: () => offerAudio(1),
    preview: postPreview,
  })
