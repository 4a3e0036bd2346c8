import type { OwnListener } from '../../../src/realtime/connection'
import { scene } from '../scene'

export type { Listener, OwnListener } from '../../../src/realtime/connection'

/** By then the page has read what it shows. */
const soonMs = 300

/** No line to a server: nothing is told but what the scene says. */
export const listen = () => () => {}
export function listenOwn(owner: OwnListener): () => void {
  const timer = setTimeout(() => {
    for (const event of scene.events ?? []) owner.event(event)
  }, soonMs)
  return () => clearTimeout(timer)
}
