import { vi } from 'vitest'

/** A microphone's track that the system takes, gives back and ends when a test says so. */
export class FakeTrack extends EventTarget {
  enabled = true
  muted = false
  readyState = 'live'
  onended: (() => void) | null = null
  onmute: (() => void) | null = null
  onunmute: (() => void) | null = null
  stop = vi.fn(() => {
    this.readyState = 'ended'
  })

  constructor(readonly label = 'Built-in') {
    super()
  }

  /** A call on the phone, a headset, another program. */
  taken(by: boolean): void {
    this.muted = by
    if (by) this.onmute?.()
    else this.onunmute?.()
  }

  /** Unplugged. */
  end(): void {
    this.readyState = 'ended'
    this.onended?.()
  }
}
