import { type Call, type CallJoined, Problem } from '../api'
import type { CallEdge } from './call-edge'
import { CallMicrophone } from './call-mic'
import { type CallAudio, type CallLine, noAudio, together } from './call-state'
import type { Closed, Line, LineEvent } from './line'

/** Pauses before joining anew after the line was lost; the last one repeats while the call is open. */
const REJOIN_PAUSES_MS = [0, 300, 700, 1500, 2500, 4000]
/** How often we look whether their voice has arrived. The clock of both waits for it. */
const LISTEN_MS = 60
/** A word to the server that did not get through is said again after this long. */
const SAY_AGAIN_MS = 1000

interface Owner {
  changed(): void
  /** What the server says of the call, with when we asked. */
  answered(call: Call, asked: number): void
  /** Another call or program has taken the microphone, or given it back. */
  taken(): void
  /** The server will not have us in this call any more: read how it stands. */
  refused(): void
}

/**
 * The audio of one call, from the proposal to the end: the line, the microphone, and the word to the
 * server that the other is heard. Whatever arrives after the end is ignored.
 */
export class Talk {
  #call: Call
  #line: Line | undefined
  /** Counts lines, so that a late word of an older one is not taken for the current one's. */
  #lineNo = 0
  #at: CallLine = 'joining'
  #over = false
  #offline = false
  #failures = 0
  #heard = false
  #told = false
  #taken = false
  #telling = false
  #weak = { mine: false, theirs: false }
  #voices: { personId: string; packets: (() => Promise<number>) | undefined }[] = []
  #cancelRejoin: (() => void) | undefined
  #cancelListen: (() => void) | undefined
  #undo: (() => void)[] = []
  readonly mic: CallMicrophone

  constructor(
    call: Call,
    private readonly edge: CallEdge,
    private readonly owner: Owner,
  ) {
    this.#call = call
    this.mic = new CallMicrophone(edge, () => this.#micChanged())
    this.mic.setMuted(call.muted)
    this.#undo.push(
      edge.playback.state.subscribe(() => owner.changed()),
      edge.onNetwork((there) => this.#network(there)),
    )
  }

  get id(): string {
    return this.#call.id
  }

  get audio(): CallAudio {
    if (this.#over) return noAudio
    return {
      line: this.#offline && this.#at === 'connected' ? 'reconnecting' : this.#at,
      mic: this.mic.state,
      playback: this.edge.playback.state.get(),
      heard: this.#heard,
      weak: this.#weak.mine ? 'mine' : this.#weak.theirs ? 'theirs' : undefined,
    }
  }

  /** Onto the line: silently while it is only proposed. */
  async enter(): Promise<void> {
    if (this.edge.micKnown()) void this.mic.prepare()
    this.#follow()
    await this.#admit().catch((thrown: unknown) => this.#notAdmitted(thrown))
  }

  /** Brings the call to this window, after another one had it. */
  async comeBack(): Promise<void> {
    if (this.#over || this.#at === 'joining') return
    this.#failures = 0
    this.#at = 'joining'
    this.owner.changed()
    await this.enter()
  }

  /** What the server says of the call now. */
  update(call: Call): void {
    this.#call = call
    if (call.state === 'live') this.#told = true
    this.#follow()
  }

  close(): void {
    if (this.#over) return
    this.#over = true
    this.#cancelRejoin?.()
    this.#cancelListen?.()
    for (const undo of this.#undo) undo()
    this.#dropLine()
    this.mic.release()
    this.edge.playback.clear()
  }

  #micChanged(): void {
    if (this.mic.taken !== this.#taken) {
      this.#taken = this.mic.taken
      this.owner.taken()
    }
    this.owner.changed()
  }

  #follow(): void {
    // One's own yes is enough here: the media server lets nobody send before the other's.
    if (this.#call.accepted || together(this.#call)) this.mic.speak()
    this.#listen()
  }

  async #admit(): Promise<void> {
    // Loading the library takes as long as the answer: both at once.
    const loading = this.edge.media()
    loading.catch(() => undefined)
    const media = await this.#ask()
    if (this.#over) return
    const no = ++this.#lineNo
    const stale = () => this.#over || no !== this.#lineNo
    try {
      const open = await loading
      if (stale()) return
      const line = await open(media.url, media.token, (event) => {
        if (!stale()) this.#onLine(event)
      })
      if (stale()) {
        line.close()
        return
      }
      this.#line = line
      this.#failures = 0
      this.#at = 'connected'
      this.mic.attach(line)
      this.owner.changed()
    } catch {
      if (!stale()) this.#lost()
    }
  }

  async #ask(): Promise<CallJoined['media']> {
    const asked = this.edge.own()
    const { call, media } = await this.edge.server.join(this.id)
    if (!this.#over) this.owner.answered(call, asked)
    return media
  }

  #notAdmitted(thrown: unknown): void {
    if (this.#over) return
    const { status } = Problem.of(thrown)
    // A refusal is about the call, and the lounge knows why; anything else passes.
    if (status >= 400 && status < 500 && status !== 429) this.owner.refused()
    else this.#lost()
  }

  #onLine(event: LineEvent): void {
    switch (event.type) {
      case 'connection':
        this.#at = event.state
        break
      case 'voice':
        this.edge.playback.add(event.personId, event.track)
        this.#voices.push({ personId: event.personId, packets: event.packets })
        this.#listen()
        break
      case 'silence':
        this.edge.playback.remove(event.personId)
        this.#voices = this.#voices.filter((v) => v.personId !== event.personId)
        break
      case 'quality':
        if (event.personId === this.edge.self()) this.#weak.mine = event.weak
        else this.#weak.theirs = event.weak
        break
      case 'closed':
        this.#closed(event.why)
        break
      case 'silenced':
        // Only a call that is over takes the right to speak away.
        this.owner.refused()
        break
    }
    this.owner.changed()
  }

  #closed(why: Closed): void {
    this.#dropLine()
    if (why === 'duplicate') {
      this.#at = 'elsewhere'
      this.mic.release()
    } else if (why === 'lost') this.#lost()
    else {
      this.#at = 'reconnecting'
      this.owner.refused()
      // If the call goes on after all, the way in was only too old. Most often it is over, and
      // that is known within a moment.
      this.#failures = Math.max(1, this.#failures)
      this.#rejoinSoon()
    }
  }

  #dropLine(): void {
    this.#lineNo++
    this.#voices = []
    this.#weak = { mine: false, theirs: false }
    this.mic.detach()
    this.#line?.close()
    this.#line = undefined
    this.edge.playback.clear()
  }

  #lost(): void {
    this.#dropLine()
    this.#rejoinSoon()
  }

  #rejoinSoon(): void {
    this.#at = 'reconnecting'
    const last = REJOIN_PAUSES_MS.length - 1
    const pause = REJOIN_PAUSES_MS[Math.min(this.#failures, last)] ?? 0
    this.#failures++
    this.#cancelRejoin?.()
    this.#cancelRejoin = this.edge.later(() => void this.#rejoin(), pause)
    this.owner.changed()
  }

  async #rejoin(): Promise<void> {
    this.#cancelRejoin = undefined
    if (this.#over || this.#at !== 'reconnecting') return
    await this.#admit().catch((thrown: unknown) => this.#notAdmitted(thrown))
  }

  #network(there: boolean): void {
    // The library may take a while to notice; the browser knows at once.
    this.#offline = !there
    if (there && this.#cancelRejoin) {
      this.#cancelRejoin()
      this.#failures = 1
      void this.#rejoin()
    }
    this.owner.changed()
  }

  /** Looks until their voice has arrived, and says so: the clock begins when both do. */
  #listen(): void {
    if (this.#over || this.#cancelListen || this.#voices.length === 0) return
    if (!together(this.#call) || (this.#heard && this.#told)) return
    this.#cancelListen = this.edge.later(() => {
      this.#cancelListen = undefined
      void this.#hear()
    }, LISTEN_MS)
  }

  async #hear(): Promise<void> {
    const no = this.#lineNo
    for (const voice of this.#voices) {
      const packets = await voice.packets?.().catch(() => 0)
      if (this.#over || no !== this.#lineNo) return
      // Who has muted themselves sends nothing, and is there all the same.
      if ((packets ?? 0) > 0 || this.#call.they_muted) this.#heard = true
    }
    if (this.#heard && this.edge.playback.state.get() === 'ok') this.#tell()
    this.owner.changed()
    this.#listen()
  }

  #tell(): void {
    if (this.#told || this.#telling) return
    this.#telling = true
    const asked = this.edge.own()
    this.edge.server.hears(this.id).then(
      (call) => {
        this.#telling = false
        this.#told = true
        if (!this.#over) this.owner.answered(call, asked)
      },
      () => {
        this.#undo.push(
          this.edge.later(() => {
            this.#telling = false
            this.#listen()
          }, SAY_AGAIN_MS),
        )
      },
    )
  }
}
