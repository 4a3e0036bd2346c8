import { Problem, type Room } from '../api'
import type { Edge } from './edge'
import type { Line } from './line'
import type { Mic } from './state'

interface Owner {
  changed(): void
  answered(room: Room): void
}

/**
 * The microphone of one stay. It is opened when a seat is taken, and let go with the seat. What the
 * person last chose is the truth: it takes effect on the track at once and the server is told, again
 * if need be. Only unmuting waits for a yes: if it is refused we are muted again.
 */
export class Microphone {
  #track: MediaStreamTrack | undefined
  #line: Line | undefined
  #published = false
  #seated = false
  #refused: 'denied' | 'missing' | undefined
  #open = false
  /** What the server believes, as far as we know. */
  #serverMuted = true
  #telling: Promise<Problem | undefined> | undefined
  /** Counts seats, so that a microphone allowed after standing up is not used. */
  #turn = 0
  #asking = false

  constructor(
    private readonly roomId: string,
    private readonly edge: Edge,
    private readonly owner: Owner,
  ) {}

  get state(): Mic {
    if (!this.#seated) return 'off'
    if (this.#refused) return this.#refused
    if (!this.#track) return 'off'
    return this.#open ? 'open' : 'muted'
  }

  /** What the room says about our seat. Called with every snapshot. */
  seated(seated: boolean, muted: boolean): void {
    if (!this.#telling) this.#serverMuted = muted
    if (!seated) {
      if (this.#seated || this.#track) this.release()
      return
    }
    if (!this.#seated) {
      this.#seated = true
      void this.#ask()
    }
    this.#publish()
    this.#settle()
  }

  attach(line: Line): void {
    this.#line = line
    this.#publish()
    this.#settle()
  }

  detach(): void {
    this.#line = undefined
    this.#published = false
  }

  /** No seat, no microphone: the browser's sign that somebody listens goes out. */
  release(): void {
    this.#turn++
    this.#asking = false
    this.#seated = false
    this.#open = false
    this.#refused = undefined
    this.#serverMuted = true
    this.#line?.unpublish()
    this.#published = false
    if (this.#track) {
      this.#track.onended = null
      this.#track.stop()
      this.edge.setVoice(this.edge.self(), undefined)
    }
    this.#track = undefined
    this.owner.changed()
  }

  /** Asks the browser again, after somebody has changed its mind or plugged one in. */
  async retry(): Promise<void> {
    if (!this.#seated || this.#track) return
    await this.#ask()
  }

  /** Resolves with what went wrong. A wish to be muted always comes true, if need be only here. */
  async setMuted(muted: boolean): Promise<Problem | undefined> {
    if (!this.#track || this.#open === !muted) return undefined
    this.#apply(!muted)
    this.owner.changed()
    return this.#tell()
  }

  /** Muted by this account elsewhere. While we are telling the server ourselves, it is our own echo. */
  mutedElsewhere(): void {
    if (this.#telling || !this.#open) return
    this.#serverMuted = true
    this.#apply(false)
    this.owner.changed()
  }

  online(): void {
    this.#settle()
  }

  #apply(open: boolean): void {
    this.#open = open
    if (this.#track) this.#track.enabled = open
    this.#line?.setMuted(!open)
  }

  async #ask(): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const turn = this.#turn
    const got = await this.edge.capture()
    if (turn !== this.#turn) {
      if ('track' in got) got.track.stop()
      return
    }
    this.#asking = false
    if ('refused' in got) {
      this.#refused = got.refused
      this.owner.changed()
      this.#settle()
      return
    }
    const { track } = got
    this.#refused = undefined
    this.#track = track
    track.enabled = this.#open
    // Unplugged, or taken away in the browser's own settings.
    track.onended = () => this.#gone(track)
    this.edge.setVoice(this.edge.self(), track)
    this.#publish()
    this.owner.changed()
    this.#settle()
  }

  #gone(track: MediaStreamTrack): void {
    if (this.#track !== track) return
    this.#line?.unpublish()
    this.#published = false
    this.#track = undefined
    this.#open = false
    this.edge.setVoice(this.edge.self(), undefined)
    this.owner.changed()
    void this.#ask()
  }

  #publish(): void {
    const line = this.#line
    const track = this.#track
    if (!line || !track || this.#published) return
    this.#published = true
    line.publish(track, !this.#open).catch(() => {
      // Either the seat is gone, which the room tells us, or the line, which closes itself.
      if (this.#line === line && this.#track === track) this.#published = false
    })
  }

  /** Tells the server where it believes otherwise. */
  #settle(): void {
    if (!this.#seated || this.#telling || this.#serverMuted === !this.#open) return
    void this.#tell()
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
      const muted = !this.#open
      try {
        const room = await this.edge.server.microphone(this.roomId, muted)
        if (turn !== this.#turn) return undefined
        this.#serverMuted = muted
        this.owner.answered(room)
      } catch (thrown) {
        if (turn !== this.#turn) return undefined
        const problem = Problem.of(thrown)
        if (problem.code === 'command.applied') this.#serverMuted = muted
        else {
          // Muted stays muted here whatever the server says; it is told again when it can be reached.
          if (this.#open) {
            this.#apply(false)
            this.owner.changed()
          }
          return problem
        }
      }
      if (turn !== this.#turn || muted === !this.#open) return undefined
    }
  }
}
