import type { PushState } from '../../../src/realtime/push'
import { type Readable, Writable } from '../../../src/ui/store'
import { scene } from '../scene'

const state = new Writable<PushState>(scene.push ?? 'off')

export const push: Readable<PushState> = state
export const startPush = async () => {}
export const tellZone = async () => {}
export const turnPushOn = async () => state.set('on')
export const turnPushOff = async () => state.set('off')
