import { Writable } from '../ui/store'
import { setVoice } from './levels'
import { route } from './speaker'

/**
 * Plays what others say: one <audio> element per person, in the document, so that the browser's own
 * controls for sound (and anybody looking) find them.
 */
export class Playback {
  readonly state = new Writable<'ok' | 'blocked'>('ok')
  #elements = new Map<string, HTMLAudioElement>()
  #shelf: HTMLElement | undefined

  add(personId: string, track: MediaStreamTrack): void {
    this.remove(personId)
    const element = document.createElement('audio')
    element.autoplay = true
    element.dataset.person = personId
    element.srcObject = new MediaStream([track])
    route(element)
    this.#home().append(element)
    this.#elements.set(personId, element)
    setVoice(personId, track)
    this.#play(element)
  }

  remove(personId: string): void {
    const element = this.#elements.get(personId)
    if (!element) return
    this.#elements.delete(personId)
    element.srcObject = null
    element.remove()
    setVoice(personId, undefined)
    if (this.#elements.size === 0) this.state.set('ok')
  }

  clear(): void {
    for (const personId of [...this.#elements.keys()]) this.remove(personId)
  }

  /** To be called from a tap or a key: then browsers allow it. */
  resume(): void {
    this.state.set('ok')
    for (const element of this.#elements.values()) this.#play(element)
  }

  #play(element: HTMLAudioElement): void {
    element.play().catch((thrown: unknown) => {
      // AbortError is only our own removing of the element while it was starting.
      const refused = thrown instanceof DOMException && thrown.name === 'NotAllowedError'
      if (refused && element.isConnected) this.state.set('blocked')
    })
  }

  #home(): HTMLElement {
    if (!this.#shelf) {
      this.#shelf = document.createElement('div')
      this.#shelf.hidden = true
      this.#shelf.dataset.voices = ''
      document.body.append(this.#shelf)
    }
    return this.#shelf
  }
}
