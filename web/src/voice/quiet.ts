import { loadRnnoise, RnnoiseWorkletNode } from '@sapphi-red/web-noise-suppressor'
import wasm from '@sapphi-red/web-noise-suppressor/rnnoise.wasm?url'
import simd from '@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url'
import worklet from '@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url'
import { audioContext } from './audio'

/**
 * Takes what is no voice out of a microphone, on this device, with RNNoise: see docs/adr/0009-noise.md.
 * Fetched when a microphone is opened to talk, not before.
 */

/** RNNoise knows no other. */
const RATE = 48_000
/** Nobody waits longer for it to be fetched; the next microphone has it. */
const PATIENCE_MS = 2000
/** Sound that stands still this long is not coming back by itself. */
const STILL_MS = 1000

/** Makes of a microphone one without noise, which stands for it: stopping it stops the microphone. */
export type Quieting = (microphone: MediaStreamTrack) => MediaStreamTrack

let own: AudioContext | undefined
let loaded: Promise<ArrayBuffer> | undefined
/** It went wrong while somebody spoke; this page does not try again. */
let broken = false
/** Each has a memory of its own and cannot be given back, so it is used again. */
const idle: RnnoiseWorkletNode[] = []

/** The page's own where that has the rate; most loudspeakers have, many have 44.1 kHz. */
function contextOf(): AudioContext {
  const shared = audioContext()
  if (shared.sampleRate === RATE) return shared
  own ??= new AudioContext({ latencyHint: 'interactive', sampleRate: RATE })
  return own
}

function load(context: AudioContext): Promise<ArrayBuffer> {
  const fetched = async () => {
    const [binary] = await Promise.all([
      loadRnnoise({ url: wasm, simdUrl: simd }),
      context.audioWorklet.addModule(worklet),
    ])
    // What cannot be compiled would be silence over there, and nobody would be told.
    await WebAssembly.compile(binary)
    return binary
  }
  loaded ??= fetched().catch((thrown: unknown) => {
    loaded = undefined
    throw thrown
  })
  return loaded
}

/** Undefined: not in this browser, or not now. */
export async function quieting(): Promise<Quieting | undefined> {
  if (broken || typeof WebAssembly !== 'object' || typeof AudioWorkletNode !== 'function') return
  const context = contextOf()
  // A page that was never touched may not run sound, and is not told so either.
  const ready = Promise.all([load(context), context.resume()]).then(([binary]) => binary)
  const late = new Promise<undefined>((done) => setTimeout(done, PATIENCE_MS))
  const binary = await Promise.race([ready, late])
  if (!binary || context.state !== 'running') return
  return (microphone) => {
    try {
      return quieted(context, binary, microphone)
    } catch (thrown) {
      // The microphone has another rate, and this browser cannot join the two.
      broken = true
      throw thrown
    }
  }
}

function quieted(
  context: AudioContext,
  binary: ArrayBuffer,
  microphone: MediaStreamTrack,
): MediaStreamTrack {
  const source = context.createMediaStreamSource(new MediaStream([microphone]))
  const mono = { channelCount: 1, channelCountMode: 'explicit' } as const
  const voice =
    idle.pop() ?? new RnnoiseWorkletNode(context, { maxChannels: 1, wasmBinary: binary })
  Object.assign(voice, mono)
  const out = new MediaStreamAudioDestinationNode(context, mono)
  source.connect(voice).connect(out)
  const [track] = out.stream.getAudioTracks()
  if (!track) throw new Error('A node for sound has no sound.')

  const cut = new AbortController()
  const stop = track.stop.bind(track)
  const close = () => {
    if (cut.signal.aborted) return
    cut.abort()
    source.disconnect()
    voice.disconnect()
    voice.onprocessorerror = null
    if (!broken) idle.push(voice)
    microphone.stop()
    stop()
  }
  const end = () => {
    close()
    track.dispatchEvent(new Event('ended'))
  }
  // Whoever holds the microphone asks for it anew when it ends, and gets the browser's own way.
  const fail = () => {
    broken = true
    end()
  }
  const still = () => context.state !== 'running' && !microphone.muted
  const look = () => {
    if (!still()) return
    context.resume().catch(() => undefined)
    setTimeout(() => !cut.signal.aborted && still() && fail(), STILL_MS)
  }
  const heard = { signal: cut.signal }
  context.addEventListener('statechange', look, heard)
  voice.onprocessorerror = fail

  // To those who hold it, it is the microphone.
  Object.defineProperty(track, 'label', { get: () => microphone.label })
  track.stop = close
  track.getSettings = () => microphone.getSettings()
  Object.defineProperty(track, 'muted', { get: () => microphone.muted })
  microphone.addEventListener('ended', end, heard)
  microphone.addEventListener('mute', () => track.dispatchEvent(new Event('mute')), heard)
  const back = () => {
    look()
    track.dispatchEvent(new Event('unmute'))
  }
  microphone.addEventListener('unmute', back, heard)
  return track
}
