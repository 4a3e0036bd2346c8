import type { CallEdge } from './call-edge'
import type { CallMic } from './call-state'
import type { Line } from './line'

/** A try to send that failed is repeated after this long, while there is a line. */
const AGAIN_MS = 400

/**
 * The microphone of one call. It is asked for while the proposal is still open, so that a yes is heard
 * at once, and sends nothing before. What the person last chose is the truth and takes effect here
 * first; the server is told afterwards.
 */
export class CallMicrophone {
  #track: MediaStreamTrack | undefined
  #line: Line | undefined
  #published = false
  #refused: 'denied' | 'missing' | undefined
  #taken = false
  /** Both said yes. */
  #speaks = false
  #muted = false
  #turn = 0
  #asking = false
  #retry: (() => void) | undefined

  constructor(
    private readonly edge: Pick<CallEdge, 'capture' | 'setVoice' | 'self' | 'later'>,
    private readonly changed: () => void,
  ) {}

  get state(): CallMic {
    if (this.#refused) return this.#refused
    if (!this.#track) return 'off'
    if (this.#taken) return 'taken'
    if (!this.#speaks) return 'ready'
    return this.#muted ? 'muted' : 'open'
  }

  get muted(): boolean {
    return this.#muted
  }

  /** Another call or program has it right now. */
  get taken(): boolean {
    return this.#taken
  }

  /** Asks the browser for it; again after a refusal. */
  async prepare(): Promise<void> {
    if (this.#track || this.#asking) return
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
      this.changed()
      return
    }
    this.#refused = undefined
    this.#hold(got.track)
    this.#publish()
    this.changed()
  }

  /** From now on the other may hear us, unless muted. */
  speak(): void {
    if (this.#speaks) return
    this.#speaks = true
    void this.prepare()
    this.#apply()
    this.#publish()
    this.changed()
  }

  attach(line: Line): void {
    this.#line = line
    this.#published = false
    this.#publish()
  }

  detach(): void {
    this.#line = undefined
    this.#published = false
    this.#retry?.()
  }

  setMuted(muted: boolean): void {
    if (this.#muted === muted) return
    this.#muted = muted
    this.#apply()
    this.changed()
  }

  /** Another device, or the same one asked anew: the track changes under the running call. */
  async renew(): Promise<void> {
    const old = this.#track
    this.#turn++
    this.#asking = false
    if (old) this.#drop(old)
    await this.prepare()
  }

  release(): void {
    this.#turn++
    this.#asking = false
    this.#retry?.()
    if (this.#track) this.#drop(this.#track)
    this.#speaks = false
    this.#refused = undefined
  }

  #hold(track: MediaStreamTrack): void {
    this.#track = track
    this.#taken = track.muted === true
    // Unplugged, or taken away in the browser's own settings.
    track.onended = () => {
      if (this.#track !== track) return
      this.#drop(track)
      this.changed()
      void this.prepare()
    }
    // A call on the phone's own line takes it without ending it, and gives it back.
    track.onmute = () => this.#take(track, true)
    track.onunmute = () => this.#take(track, false)
    this.edge.setVoice(this.edge.self(), track)
    this.#apply()
  }

  #take(track: MediaStreamTrack, taken: boolean): void {
    if (this.#track !== track) return
    this.#taken = taken
    this.changed()
  }

  #drop(track: MediaStreamTrack): void {
    this.#line?.unpublish()
    this.#published = false
    this.#track = undefined
    this.#taken = false
    track.onended = null
    track.onmute = null
    track.onunmute = null
    track.stop()
    this.edge.setVoice(this.edge.self(), undefined)
  }

  #apply(): void {
    // Before both said yes nothing is sent, but the level may move one's own aura.
    if (this.#track) this.#track.enabled = !this.#speaks || !this.#muted
    if (this.#published) this.#line?.setMuted(this.#muted)
  }

  /** Sending may be refused for a moment, until the media server has heard that both said yes. */
  #publish(): void {
    const line = this.#line
    const track = this.#track
    if (!line || !track || !this.#speaks || this.#published) return
    this.#published = true
    line.publish(track, this.#muted).catch(() => {
      if (this.#line !== line || this.#track !== track) return
      this.#published = false
      this.#retry = this.edge.later(() => this.#publish(), AGAIN_MS)
    })
  }
}
