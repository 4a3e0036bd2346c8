import type { Call } from '../api'
import { type CallAudio, noAudio, together } from './call-state'
import type { CallDeps } from './callDeps'
import {
  type Grant,
  type MediaScope,
  MediaSession,
  type Objection,
  type Verdict,
} from './mediaSession'
import type { Microphone } from './microphone'

/** How often we look whether their voice has arrived. The clock of both waits for it. */
const LISTEN_MS = 60
/** A word to the server that did not get through is said again after this long. */
const SAY_AGAIN_MS = 1000

const states = {
  connecting: 'joining',
  connected: 'connected',
  reconnecting: 'reconnecting',
  // Nobody waits in a call for as long as it takes to give up.
  lost: 'reconnecting',
  elsewhere: 'elsewhere',
} as const

interface Owner {
  changed(): void
  /** What the server says of the call, with when we asked. */
  answered(call: Call, asked: number): void
  /** The microphone was taken away, or is back. */
  taken(): void
  /** The server will not have us in this call any more: read how it stands. Resolves when that is known. */
  refused(): Promise<void>
}

/**
 * CallConnection is the audio of one call, from the proposal to the end: its media session, and the
 * word to the server that the other is heard. Whatever arrives after the end is ignored.
 */
export class CallConnection {
  #call: Call
  #over = false
  #heard = false
  #told = false
  #away = false
  #telling = false
  #cancelListen: (() => void) | undefined
  #undo: (() => void)[] = []
  readonly #media: MediaSession

  constructor(
    call: Call,
    private readonly deps: CallDeps,
    private readonly owner: Owner,
  ) {
    this.#call = call
    const scope: MediaScope = {
      wanted: () => 'talk',
      admit: () => this.#admit(),
      objected: (objection) => this.#objected(objection),
      report: (event) => {
        if (event === 'voice') this.#listen()
        // Only a call that is over takes the right to speak away.
        else void owner.refused()
      },
      // Their identity at the media server tells nobody who they are; there are only two.
      playedAs: () => call.id,
    }
    this.#media = new MediaSession(deps, scope, { muted: call.muted, backMuted: false })
    this.#undo.push(this.#media.subscribe(() => this.#mediaChanged()))
  }

  get id(): string {
    return this.#call.id
  }

  get mic(): Microphone {
    return this.#media.mic
  }

  /** The system or the person's browser has the microphone: the other hears nothing, and sees why. */
  get away(): boolean {
    return !this.#over && ['taken', 'denied', 'missing'].includes(this.mic.state)
  }

  get audio(): CallAudio {
    if (this.#over) return noAudio
    const { connection, stuck, mic, device, playback, weak } = this.#media.get()
    return {
      connection: states[connection],
      ...(stuck ? { stuck } : {}),
      mic,
      device,
      playback,
      heard: this.#heard,
      weak,
    }
  }

  /** Connects, silently while it is only proposed; also again, after another window had the call. */
  async enter(): Promise<void> {
    if (this.#over) return
    // Another window may have muted it meanwhile.
    this.mic.setMuted(this.#call.muted)
    if (this.deps.micKnown()) void this.mic.prepare()
    this.#follow()
    await this.#media.open()
  }

  /** What the server says of the call now. */
  update(call: Call): void {
    this.#call = call
    if (call.state === 'live') this.#told = true
    // The microphone is the other window's until this one is asked to take the call back.
    if (this.#media.get().connection !== 'elsewhere') this.#follow()
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelListen?.()
    for (const undo of this.#undo) undo()
    this.#media.close()
  }

  #mediaChanged(): void {
    const { away } = this
    if (away !== this.#away) {
      this.#away = away
      this.owner.taken()
    }
    this.owner.changed()
  }

  #follow(): void {
    // One's own yes is enough here: the media server lets nobody send before the other's.
    if (this.#call.accepted || together(this.#call)) this.mic.speak()
    this.#listen()
  }

  async #admit(): Promise<Grant> {
    const asked = this.deps.own()
    const { call, media } = await this.deps.server.join(this.id)
    if (!this.#over) this.owner.answered(call, asked)
    return { kind: 'talk', ...media }
  }

  async #objected(objection: Objection): Promise<Verdict> {
    switch (objection.type) {
      case 'rejected':
        // A refusal is about the call, and the queue knows why; anything else passes.
        if (!objection.problem.isRefusal) return 'rejoin'
        void this.owner.refused()
        return 'wait'
      case 'ended':
        // The call is over, or a newer window has it.
        await this.owner.refused()
        return 'elsewhere'
      case 'refused':
        // If the call goes on after all, the way in was only too old. Most often it is over, and
        // that is known within a moment.
        void this.owner.refused()
        return 'rejoin'
    }
  }

  /** Looks until their voice has arrived, and says so: the clock begins when both do. */
  #listen(): void {
    if (this.#over || this.#cancelListen || this.#media.voices.length === 0) return
    if (!together(this.#call) || (this.#heard && this.#told)) return
    this.#cancelListen = this.deps.later(() => {
      this.#cancelListen = undefined
      void this.#hear()
    }, LISTEN_MS)
  }

  async #hear(): Promise<void> {
    for (const voice of this.#media.voices) {
      const packets = await voice.packets?.().catch(() => 0)
      if (this.#over) return
      // Lost meanwhile: the next connection brings their voice again.
      if (!this.#media.voices.includes(voice)) break
      // Who has muted themselves sends nothing, and is there all the same.
      if ((packets ?? 0) > 0 || this.#call.they_muted) this.#heard = true
    }
    if (this.#heard && this.deps.playback.state.get() === 'ok') this.#tell()
    this.owner.changed()
    this.#listen()
  }

  #tell(): void {
    if (this.#told || this.#telling) return
    this.#telling = true
    const asked = this.deps.own()
    this.deps.server.audioReceived(this.id).then(
      (call) => {
        this.#telling = false
        this.#told = true
        if (!this.#over) this.owner.answered(call, asked)
      },
      () => {
        this.#undo.push(
          this.deps.later(() => {
            this.#telling = false
            this.#listen()
          }, SAY_AGAIN_MS),
        )
      },
    )
  }
}
