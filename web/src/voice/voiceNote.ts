import { type Readable, Writable } from '../ui/store'
import type { Cut, Recorder, RecorderState, Take } from './recorder'

/** Why nothing can be recorded now, beside what the recorder itself says. */
export type Blocked = 'call' | 'seat'

export type VoiceNoteState =
  | { at: 'idle' }
  /** The browser asks the person. */
  | { at: 'asking' }
  /** Without the lock it ends when the finger lets go. */
  | { at: 'recording'; locked: boolean }
  | { at: 'refused'; why: Extract<RecorderState, { at: 'refused' }>['why'] | Blocked }
  /** Nothing was kept; but what was said until an interruption is. */
  | { at: 'missed'; why: 'short' | 'silent' | Cut }

/** What becomes of a recording: sent; kept as a draft; or thrown away, which can be undone. */
export type Fate = 'send' | 'keep' | 'discard'

export interface VoiceNoteDeps {
  recorder: Recorder
  blocked(): Blocked | undefined
  /** A call rings or goes on: it ends a recording. */
  interrupted: Readable<boolean>
  /** Before the microphone opens: what plays stops. */
  quiet(): void
  taken(take: Take, fate: Fate): void
  now(): number
}

/** A press shorter than this was a tap: it starts a recording that goes on by itself. */
const TAP_MS = 300

/**
 * VoiceNote records one voice message after another: while a finger is down, or locked. However a
 * recording ends, nothing that was said is lost: it is kept unless its person sends it or throws it
 * away.
 */
export class VoiceNote implements Readable<VoiceNoteState> {
  readonly #state = new Writable<VoiceNoteState>({ at: 'idle' })
  readonly get = this.#state.get
  readonly subscribe = this.#state.subscribe
  #pressed = 0
  #locked = false
  #fate: Fate = 'keep'
  readonly #undo: (() => void)[]

  constructor(private readonly deps: VoiceNoteDeps) {
    const leave = () => this.stop()
    window.addEventListener('pagehide', leave)
    this.#undo = [
      deps.recorder.subscribe(() => this.#follow()),
      deps.interrupted.subscribe(() => {
        if (deps.interrupted.get() && deps.blocked()) this.stop()
      }),
      () => window.removeEventListener('pagehide', leave),
    ]
  }

  level = (): number => this.deps.recorder.level()
  ms = (): number => this.deps.recorder.ms()
  bars = (): readonly number[] => this.deps.recorder.bars()

  /** A finger is down, or a key was pressed. */
  press = (): void => {
    const { at } = this.get()
    if (at === 'recording' || at === 'asking') return
    const why = this.deps.blocked()
    if (why) {
      this.#state.set({ at: 'refused', why })
      return
    }
    this.#pressed = this.deps.now()
    this.#locked = false
    this.#fate = 'keep'
    this.deps.quiet()
    void this.deps.recorder.start()
  }

  /** The finger lets go: what was said is sent. After a tap, or a question of the browser, it goes on. */
  release = (): void => {
    const { at } = this.get()
    if (at === 'asking' || this.deps.now() - this.#pressed < TAP_MS) this.lock()
    else if (at === 'recording' && !this.#locked) this.send()
  }

  /** It goes on without the finger. */
  lock = (): void => {
    this.#locked = true
    if (this.get().at === 'recording') this.#state.set({ at: 'recording', locked: true })
  }

  send = (): void => {
    // The click of the very tap that has begun it.
    if (this.#locked && this.deps.now() - this.#pressed < 2 * TAP_MS) return
    this.#end('send')
  }
  stop = (): void => this.#end('keep')
  discard = (): void => this.#end('discard')

  /** What was refused or missed has been read. */
  dismiss = (): void => {
    const { at } = this.get()
    if (at === 'refused' || at === 'missed') this.#state.set({ at: 'idle' })
  }

  /** Keeps what is being said, and lets the microphone go. */
  close = (): void => {
    this.stop()
    for (const undo of this.#undo) undo()
    this.deps.recorder.close()
  }

  #end(fate: Fate): void {
    if (this.get().at !== 'recording') return
    this.#fate = fate
    this.deps.recorder.stop()
  }

  #follow(): void {
    const now = this.deps.recorder.get()
    switch (now.at) {
      case 'asking':
        this.#state.set({ at: 'asking' })
        break
      case 'recording':
        this.#state.set({ at: 'recording', locked: this.#locked })
        break
      case 'refused':
        this.#state.set({ at: 'refused', why: now.why })
        break
      case 'missed':
        // Too little to keep, and nobody wants it.
        this.#state.set(this.#fate === 'discard' ? { at: 'idle' } : { at: 'missed', why: now.why })
        break
      case 'taken':
        this.#state.set(now.cut === 'interrupted' ? { at: 'missed', why: now.cut } : { at: 'idle' })
        this.deps.taken(now.take, this.#fate)
        // What is kept is elsewhere by now; the recorder forgets it, and waits for the next one.
        this.deps.recorder.again()
        break
    }
  }
}
