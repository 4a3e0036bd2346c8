import { answer, api, type Listen, Problem, postPreview, type Room } from '../api'
import { type Readable, Writable } from '../ui/store'
import { browser } from './browser'
import { occupied, setPreviewing } from './live'
import type { ConnectionEvent, Offer } from './mediaConnection'
import { Playback, type Sound } from './playback'
import type { Outcome } from './state'
import { personOf } from './voices'

/** How long a room is heard from outside. The server allows as much. */
export const PREVIEW_MS = 10_000

export type PreviewState =
  /**
   * `why` the last one ended before its time, if its person did not end it. 'blocked': the browser wants a tap
   * before it plays. 'gone': the room is heard no more.
   */
  | { status: 'none'; why?: 'blocked' | 'gone' }
  /** 'opening': asked for. 'playing': connected, for PREVIEW_MS at most. */
  | { status: 'opening' | 'playing'; roomId: string }

export interface PreviewDeps {
  offer(): Promise<Offer>
  listen(roomId: string, offer: string): Promise<Listen>
  read(roomId: string): Promise<Room>
  playback: { state: Readable<'ok' | 'blocked'>; open(): Sound }
  later(fn: () => void, ms: number): () => void
  /** While something else is heard or said here, nothing is previewed. */
  occupied: Readable<boolean>
  previewing(on: boolean): void
}

/**
 * Preview lets a person hear a room for ten seconds without entering it: one at a time, and only while no
 * room or call is on. Nobody inside is told. Everything is let go when it stops.
 */
export class Preview implements Readable<PreviewState> {
  readonly #state = new Writable<PreviewState>({ status: 'none' })
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  #release: (() => void) | undefined

  constructor(private readonly deps: PreviewDeps) {
    deps.occupied.subscribe(() => deps.occupied.get() && this.stop())
  }

  /** Resolves once it plays, or with why it does not; with nothing if it was stopped before. */
  start = async (roomId: string): Outcome => {
    this.stop()
    if (this.deps.occupied.get()) return undefined
    const over = new AbortController()
    const { signal } = over
    const release = (fn: () => void) => {
      if (signal.aborted) fn()
      else signal.addEventListener('abort', fn)
    }
    this.#release = () => over.abort()
    this.#state.set({ status: 'opening', roomId })
    this.deps.previewing(true)
    const sound = this.deps.playback.open()
    release(() => sound.close())
    try {
      const offer = await this.deps.offer()
      if (signal.aborted) {
        offer.close()
        return undefined
      }
      let url: string | undefined
      release(() => offer.close(url))
      const listening = await this.deps.listen(roomId, offer.sdp)
      url = listening.url
      if (signal.aborted) {
        offer.close(url)
        return undefined
      }
      const names = this.#plays(roomId, sound, signal)
      const connection = await offer.accept(listening, (event) => {
        if (event.type === 'closed' && !signal.aborted) this.gone()
        else names(event)
      })
      release(() => connection.close())
      if (signal.aborted) return undefined
      // A browser that wants a tap first: nobody can tap while they hold.
      const { state } = this.deps.playback
      release(
        state.subscribe(() => {
          if (state.get() !== 'blocked' || signal.aborted) return
          this.#stop({ status: 'none', why: 'blocked' })
        }),
      )
      sound.play()
      release(this.deps.later(() => !signal.aborted && this.stop(), PREVIEW_MS))
      this.#state.set({ status: 'playing', roomId })
    } catch (thrown) {
      if (signal.aborted) return undefined
      this.stop()
      return Problem.of(thrown)
    }
  }

  stop = (): void => this.#stop({ status: 'none' })

  /** The room is not to be heard any more. */
  gone = (): void => this.#stop({ status: 'none', why: 'gone' })

  #stop(state: PreviewState): void {
    const release = this.#release
    if (!release) return
    this.#release = undefined
    release()
    this.deps.previewing(false)
    this.#state.set(state)
  }

  /** Who is heard moves their aura, as soon as the room has said whose voices there are. */
  #plays(roomId: string, sound: Sound, signal: AbortSignal): (event: ConnectionEvent) => void {
    const voices = new Map<string, string | undefined>()
    let room: Room | undefined
    const name = (output: string, voice: string | undefined) =>
      sound.name(output, voice === undefined ? undefined : personOf(room, voice))
    this.deps.read(roomId).then(
      (read) => {
        room = read
        if (!signal.aborted) for (const [output, voice] of voices) name(output, voice)
      },
      // The room is heard without, too.
      () => undefined,
    )
    return (event) => {
      if (signal.aborted) return
      if (event.type === 'output') sound.add(event.output, event.track)
      if (event.type !== 'speaker') return
      voices.set(event.output, event.voice)
      name(event.output, event.voice)
    }
  }
}

/** The one preview of this page. */
export const preview = new Preview({
  offer: browser.offer,
  listen: postPreview,
  read: (room) => answer(api.GET('/api/rooms/{room}', { params: { path: { room } } })),
  playback: new Playback(),
  later: browser.later,
  occupied,
  previewing: setPreviewing,
})
