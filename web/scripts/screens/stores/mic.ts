import { Writable } from '../../../src/ui/store'
import type { MicCheck, MicState } from '../../../src/voice/mic'
import { scene } from '../scene'

export type { MicCheck, MicState }

export function openMicCheck(): MicCheck {
  const { loud, ...given } = scene.mic ?? {
    status: 'asking' as const,
    loud: 0,
    deviceId: undefined,
    devices: [],
  }
  const state = new Writable<MicState>({ ...given, level: () => loud })
  return { get: state.get, subscribe: state.subscribe, choose() {}, stop() {} }
}
