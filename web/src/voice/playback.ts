import { Writable } from '../ui/store'
import { Boost, canBoost, onBoostable } from './boost'
import { clearVoice, power, setVoice } from './levels'
import { adjustable, type Mix } from './mix'
import { followSpeakers, route } from './speaker'

/** Pauses before sound that the system has stopped is started again. */
const AGAIN_MS = [200, 1000, 3000]
/** How often is measured how loud they speak. */
const MEASURE_MS = 100
/** A voice is boosted only if it is to be this much louder than it came: 1.5 dB. */
const BOOSTED_FROM = 1.19

/** The sound of one connection: an <audio> element for each of its outputs. Silent until `play`. */
export interface Sound {
  add(output: string, track: MediaStreamTrack): void
  /** Who is heard on an output from now on. */
  name(output: string, personId: string | undefined): void
  remove(output: string): void
  /** From now on it is heard. */
  play(): void
  close(): void
}

interface Output {
  element: HTMLAudioElement
  track: MediaStreamTrack
  personId: string | undefined
  /** How often it was started again since it last played. */
  tries: number
  boost?: Boost
}

/**
 * Plays what others say: one <audio> element per output, in the document, so that the browser's own
 * controls for sound (and anybody looking) find them. What the system stops (a phone call, a headset that
 * goes) is started again; where the browser wants a tap for that, the state is 'blocked'.
 *
 * With a mix each voice has a loudness of its own. Up to what came it is the volume of the element, which
 * follows the name of a slot in the same task, needs no context, plays where the person chose and goes on
 * behind a locked screen. Only a voice that is to be louder goes through Web Audio (see boost.ts), its
 * element muted: so the first sound waits for no context, and nobody has the delay of one who need not. Once
 * there, an output stays there: changing over may leave a short gap. Echo cancellation has no part in the
 * choice, by what browsers say of it (not measured here): Chromium cancels what the whole browser plays,
 * Firefox what one graph of both plays, Safari what the device plays.
 */
export class Playback {
  readonly state = new Writable<'ok' | 'blocked'>('ok')
  /** Whether its person has silenced everything, with the keys of a headset for example. */
  readonly silenced = new Writable(false)
  #heard = new Map<HTMLAudioElement, Output>()
  #shelf: HTMLElement | undefined
  #watching = false
  #measuring: (() => void) | undefined

  constructor(private readonly mix?: Mix) {}

  open(): Sound {
    const outputs = new Map<string, Output>()
    let heard = false

    const show = (of: Output) => {
      if (of.personId === undefined) return
      of.element.dataset.person = of.personId
      setVoice(of.personId, of.track)
    }
    const hide = (of: Output) => {
      delete of.element.dataset.person
      if (of.personId !== undefined) clearVoice(of.personId, of.track)
    }
    const begin = (of: Output) => {
      this.#heard.set(of.element, of)
      show(of)
      this.#apply(of)
      this.#start(of)
      this.#measure()
    }
    const end = (output: string) => {
      const of = outputs.get(output)
      if (!of) return
      outputs.delete(output)
      this.#heard.delete(of.element)
      hide(of)
      of.boost?.close()
      of.element.srcObject = null
      of.element.remove()
      if (this.#heard.size > 0) return
      this.state.set('ok')
      this.#measuring?.()
      this.#measuring = undefined
    }

    return {
      add: (output, track) => {
        end(output)
        const of = { element: this.#element(track), track, personId: undefined, tries: 0 }
        outputs.set(output, of)
        if (heard) begin(of)
        // Unheard, the browser decodes already: no syllable is lost when it is played.
        else of.element.play().catch(() => undefined)
      },
      name: (output, personId) => {
        const of = outputs.get(output)
        if (!of || of.personId === personId) return
        if (heard) hide(of)
        of.personId = personId
        if (!heard) return
        show(of)
        this.#apply(of)
      },
      remove: end,
      play: () => {
        heard = true
        for (const of of outputs.values()) begin(of)
      },
      close: () => {
        for (const output of [...outputs.keys()]) end(output)
      },
    }
  }

  /** To be called from a tap or a key: then browsers allow it. */
  resume(): void {
    this.state.set('ok')
    for (const of of this.#heard.values()) this.#start(of)
  }

  /** Silences what is heard, or lets it be heard again; the connection stays. */
  silence(silenced: boolean): void {
    this.silenced.set(silenced)
    this.#applyAll()
    if (!silenced) this.resume()
  }

  #applyAll = (): void => {
    for (const of of this.#heard.values()) this.#apply(of)
  }

  /** Plays an output as loud as its voice is wanted. */
  #apply(of: Output): void {
    const { element, personId } = of
    const gain = this.silenced.get() ? 0 : personId === undefined ? 1 : this.#gain(personId)
    if (of.boost && !canBoost()) {
      of.boost.close()
      delete of.boost
    }
    const beyond = gain > BOOSTED_FROM || (!adjustable() && gain > 0 && gain !== 1)
    if (of.boost) of.boost.set(gain)
    else if (beyond && canBoost()) of.boost = new Boost(of.track, gain)
    element.toggleAttribute('data-boosted', of.boost !== undefined && gain > 0)
    const muted = gain === 0 || of.boost !== undefined
    if (element.muted !== muted) element.muted = muted
    element.volume = Math.min(1, gain)
  }

  #gain(personId: string): number {
    return this.mix?.gain(personId) ?? 1
  }

  /** While anybody is heard: how loud they speak, and what follows from it. */
  #measure(): void {
    const { mix } = this
    if (!mix || this.#measuring) return
    let last = performance.now()
    // Not before the first look: making the context would hold up the first sound.
    let unwatch: (() => void) | undefined
    const look = () => {
      unwatch ??= onBoostable(this.#applyAll)
      const now = performance.now()
      for (const of of this.#heard.values()) {
        if (of.personId === undefined) continue
        mix.heard(of.personId, power(of.personId), now - last)
        this.#apply(of)
      }
      last = now
    }
    const looking = setInterval(look, MEASURE_MS)
    const undo = mix.chosen.map((choice) => choice.subscribe(this.#applyAll))
    this.#measuring = () => {
      clearInterval(looking)
      unwatch?.()
      for (const stop of undo) stop()
    }
  }

  #element(track: MediaStreamTrack): HTMLAudioElement {
    const element = document.createElement('audio')
    element.autoplay = true
    element.muted = true
    element.srcObject = new MediaStream([track])
    element.addEventListener('pause', () => this.#stopped(element))
    element.addEventListener('playing', () => this.#playing(element))
    route(element)
    this.#home().append(element)
    return element
  }

  #playing(element: HTMLAudioElement): void {
    const of = this.#heard.get(element)
    if (of) of.tries = 0
  }

  /** Not by us: we take elements away, and never pause them. */
  #stopped(element: HTMLAudioElement): void {
    const of = this.#heard.get(element)
    const pause = of && AGAIN_MS[of.tries]
    if (!of || pause === undefined) return
    of.tries++
    setTimeout(() => {
      if (this.#heard.has(element) && element.paused) this.#start(of)
    }, pause)
  }

  #start({ element }: Output): void {
    element.play().catch((thrown: unknown) => {
      // AbortError is only our own removing of the element while it was starting.
      const refused = thrown instanceof DOMException && thrown.name === 'NotAllowedError'
      if (refused && this.#heard.has(element)) this.state.set('blocked')
    })
  }

  /** The system may say nothing when it has stopped us, but it does when it is done. */
  #heal = (): void => {
    if (this.state.get() === 'blocked') return
    for (const of of this.#heard.values()) {
      of.tries = 0
      if (of.element.paused) this.#start(of)
    }
  }

  #home(): HTMLElement {
    if (!this.#shelf) {
      this.#shelf = document.createElement('div')
      this.#shelf.hidden = true
      this.#shelf.dataset.voices = ''
      document.body.append(this.#shelf)
    }
    if (!this.#watching) {
      this.#watching = true
      document.addEventListener('visibilitychange', this.#heal)
      window.addEventListener('focus', this.#heal)
      navigator.mediaDevices?.addEventListener('devicechange', () => {
        void followSpeakers()
        this.#heal()
      })
    }
    return this.#shelf
  }
}
