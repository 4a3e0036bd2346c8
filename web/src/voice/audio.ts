import { route } from './speaker'

/**
 * The page's one AudioContext: browsers allow only a few, and every one costs a thread.
 * It is made when first needed and wakes with the first touch or key, as browsers demand.
 */
let context: AudioContext | undefined

export function audioContext(): AudioContext {
  if (context) return context
  const made = route(new AudioContext({ latencyHint: 'interactive' }))
  context = made
  const wake = () => {
    if (made.state !== 'running') void made.resume().catch(() => undefined)
  }
  // Also after an interruption (a phone call on iOS suspends it again), hence never removed.
  for (const gesture of ['pointerdown', 'keydown']) {
    document.addEventListener(gesture, wake, { capture: true, passive: true })
  }
  wake()
  return made
}
