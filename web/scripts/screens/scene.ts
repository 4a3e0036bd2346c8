import { scenes } from './scenes'
import type { Scene } from './spec'

declare global {
  interface Window {
    /** Which scene this page shows; set before anything of the page runs. */
    heyyScene: string
  }
}

const chosen = scenes[window.heyyScene]
if (!chosen) throw new Error(`no scene ${window.heyyScene}`)

export const scene: Scene = chosen
