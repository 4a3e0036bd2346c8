import { Writable } from '../../../src/ui/store'
import type { PublicListeningState } from '../../../src/voice/publicListening'
import { scene } from '../scene'

export type { PublicListeningState }

/** Sounds as the scene says, whatever is pressed. */
export class PublicListening {
  readonly #state = new Writable<PublicListeningState>(scene.sharing ?? { status: 'idle' })
  get = this.#state.get
  subscribe = this.#state.subscribe
  prepare() {}
  play() {}
  stop() {}
  end() {}
  close() {}
}
