import { Problem, type RoomChange } from '../api'
import type { Microphone } from './microphone'
import type { RoomDeps } from './roomDeps'
import type { Mic } from './state'

interface Owner {
  answered(change: RoomChange): void
}

/**
 * SeatMicrophone is what the microphone of a media session does in a room, and what the room is told of
 * it. It is opened when a seat is taken, and let go with the seat. The others see it as muted whenever
 * they cannot hear it, whoever closed it. Only unmuting waits for the server's yes: if it is refused we
 * are muted again.
 */
export class SeatMicrophone {
  #seated = false
  /** What the server believes, as far as we know. */
  #serverMuted = true
  #telling: Promise<Problem | undefined> | undefined
  /** Counts seats. */
  #turn = 0

  constructor(
    private readonly roomId: string,
    private readonly mic: Microphone,
    private readonly server: Pick<RoomDeps['server'], 'microphone'>,
    private readonly owner: Owner,
  ) {}

  get state(): Mic {
    const { state } = this.mic
    return !this.#seated || state === 'ready' ? 'off' : state
  }

  get device(): string | undefined {
    return this.mic.device
  }

  /** What the room says about our seat. Called with every snapshot. */
  seated(seated: boolean, muted: boolean): void {
    if (!this.#telling) this.#serverMuted = muted
    if (!seated) {
      if (this.#seated) this.release()
      return
    }
    this.#seated = true
    this.mic.speak()
    this.settle()
  }

  /** No seat, no microphone. */
  release(): void {
    this.#turn++
    this.#seated = false
    this.#serverMuted = true
    this.mic.release()
  }

  /** Asks the browser again, after somebody has changed its mind or plugged one in. */
  async retry(): Promise<void> {
    if (!this.#seated) return
    await (this.state === 'taken' ? this.mic.renew() : this.mic.prepare())
  }

  /** Another microphone was chosen, or its processing. */
  async renew(): Promise<void> {
    if (this.#seated) await this.mic.renew()
  }

  /** Resolves with what went wrong. A wish to be muted always comes true, if need be only here. */
  async setMuted(muted: boolean): Promise<Problem | undefined> {
    if (this.state !== (muted ? 'open' : 'muted')) return undefined
    this.mic.setMuted(muted)
    return this.#tell()
  }

  /** Muted by this account elsewhere. While we are telling the server ourselves, it is our own echo. */
  mutedElsewhere(): void {
    if (this.#telling || this.state !== 'open') return
    this.#serverMuted = true
    this.mic.setMuted(true)
  }

  /** Tells the server where it believes otherwise. Called whenever that may have changed. */
  settle(): void {
    if (!this.#seated || this.#telling || this.#serverMuted === this.#silent) return
    void this.#tell()
  }

  get #silent(): boolean {
    return this.state !== 'open'
  }

  #tell(): Promise<Problem | undefined> {
    this.#telling ??= this.#say().finally(() => {
      this.#telling = undefined
    })
    return this.#telling
  }

  /** One word at a time; whoever toggles meanwhile is heard with the last wish only. */
  async #say(): Promise<Problem | undefined> {
    const turn = this.#turn
    for (;;) {
      const muted = this.#silent
      try {
        const change = await this.server.microphone(this.roomId, muted)
        if (turn !== this.#turn) return undefined
        this.#serverMuted = muted
        this.owner.answered(change)
      } catch (thrown) {
        if (turn !== this.#turn) return undefined
        const problem = Problem.of(thrown)
        if (problem.code === 'command.applied') this.#serverMuted = muted
        else {
          // Muted stays muted here whatever the server says; it is told again when it can be reached.
          this.mic.setMuted(true)
          return problem
        }
      }
      if (turn !== this.#turn || muted === this.#silent) return undefined
    }
  }
}
