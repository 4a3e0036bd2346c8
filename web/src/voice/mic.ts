import { type Readable, Writable } from '../ui/store'
import { captureTalk, type Refused, rememberDevice } from './capture'
import { Meter } from './meter'

export interface MicDevice {
  id: string
  label: string
}

export interface MicState {
  status: 'asking' | 'ready' | Refused
  level(): number
  devices: MicDevice[]
  deviceId: string | undefined
}

export interface MicCheck extends Readable<MicState> {
  /** Uses another microphone, and remembers it for the rooms. */
  choose(deviceId: string): void
  stop(): void
}

/** Opens the microphone to look at its level before anybody hears it. Nothing is sent or kept. */
export function openMicCheck(): MicCheck {
  let meter: Meter | undefined
  let stopped = false
  let turn = 0
  const level = () => meter?.level() ?? 0
  const state = new Writable<MicState>({
    status: 'asking',
    level,
    devices: [],
    deviceId: undefined,
  })

  const release = () => {
    meter?.rest()
    meter?.track.stop()
    meter = undefined
  }

  const ask = async () => {
    const mine = ++turn
    release()
    state.set({ ...state.get(), status: 'asking' })
    // As in a call: a browser that has it open in one way opens it in no other for the call itself.
    const got = await captureTalk()
    if (stopped || mine !== turn) {
      if ('track' in got) got.track.stop()
      return
    }
    if ('refused' in got) {
      state.set({ ...state.get(), status: got.refused })
      return
    }
    meter = new Meter(got.track)
    got.track.addEventListener('ended', () => void ask())
    const deviceId = got.track.getSettings().deviceId
    state.set({ ...state.get(), status: 'ready', deviceId })
    // Names are told only to a page that already holds a microphone.
    await list()
  }

  const list = async () => {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? []
    if (stopped) return
    const devices = all
      .filter((d) => d.kind === 'audioinput' && d.deviceId !== '')
      .map((d) => ({ id: d.deviceId, label: d.label }))
    state.set({ ...state.get(), devices })
  }

  const changed = () => {
    // A microphone plugged in after the refusal is the answer to it.
    if (state.get().status === 'missing') void ask()
    else void list()
  }
  navigator.mediaDevices?.addEventListener('devicechange', changed)
  void ask()

  return {
    get: state.get,
    subscribe: state.subscribe,
    choose(deviceId) {
      rememberDevice(deviceId)
      void ask()
    },
    stop() {
      stopped = true
      navigator.mediaDevices?.removeEventListener('devicechange', changed)
      release()
    },
  }
}
