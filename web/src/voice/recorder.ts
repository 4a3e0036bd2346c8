import { Problem } from '../api'
import { type Readable, Writable } from '../ui/store'
import { audioContext } from './audio'
import { capture, type Refused } from './capture'
import { type Live, setLive } from './live'
import { loudness } from './meter'
import { Sound, wav, wavBytes } from './recorder-sound'
import worklet from './recorder-worklet?worker&url'
import { session } from './session'

/** What the server takes, in milliseconds. */
export interface Length {
  least: number
  most: number
}
const clip: Length = { least: 5_000, most: 30_000 }
/** Encoders round up: what is short or long by a hair would come back. */
const LEAST_SLACK_MS = 60
const MOST_SLACK_MS = 140

/** Something said, not sent yet. */
export interface Take {
  ms: number
  /** 0..1, one for every tenth of a second. */
  bars: readonly number[]
  /** An address on this page to play it from. */
  listen: string
  /** As it was heard, at once: WAV of one channel. */
  raw(): ArrayBuffer
  /** As Ogg/Opus of one channel. Throws a Problem; may be asked for again. */
  file(): Promise<Blob>
}

/** The page went out of sight; the system took the microphone or the sound, for a call perhaps. */
export type Cut = 'left' | 'interrupted'

export type RecorderState =
  | { at: 'ready' }
  /** The browser asks the person. */
  | { at: 'asking' }
  | { at: 'refused'; why: Refused | 'insecure' | 'unable' | 'stuck' }
  | { at: 'recording' }
  /** cut: it was ended by neither its person nor its time. */
  | { at: 'taken'; take: Take; cut?: Cut }
  | { at: 'missed'; why: 'short' | 'silent' | Cut }

export interface Recorder extends Readable<RecorderState> {
  /** How loud it is now, 0..1. */
  level(): number
  /** How long it has been going. */
  ms(): number
  /** One for every tenth of a second so far. */
  bars(): readonly number[]
  /** Opens the microphone and begins, from a tap. Somebody heard in a room is muted there first. */
  start(): Promise<void>
  stop(): void
  /** Forgets what there is. */
  again(): void
  close(): void
}

/** How this browser makes Opus: by itself, or only through its own recorder in one of these types. */
type Way = 'encode' | 'audio/ogg;codecs=opus' | 'audio/webm;codecs=opus'

async function wayOf(): Promise<Way | undefined> {
  const asked = { codec: 'opus', sampleRate: 48_000, numberOfChannels: 1 }
  if (typeof AudioEncoder === 'function') {
    const can = await AudioEncoder.isConfigSupported(asked).catch(() => undefined)
    if (can?.supported) return 'encode'
  }
  if (typeof MediaRecorder !== 'function') return undefined
  const types = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus'] as const
  return types.find((type) => MediaRecorder.isTypeSupported(type))
}

/** Fetched when somebody begins to speak, long before it is needed. */
export const encoder = () => import('./recorder-encode').catch(missing)

/** Why it could not be fetched: it is gone where the server answers, for that has another client now. */
async function missing(): Promise<never> {
  const answer = await fetch('/healthz', { cache: 'no-store' }).catch(() => undefined)
  if (!answer?.ok) throw Problem.offline()
  throw new Problem({ code: 'outdated', status: 0, detail: 'A part of the client is gone.' })
}

let loaded: Promise<void> | undefined
function prepare(context: AudioContext): Promise<void> {
  loaded ??= context.audioWorklet.addModule(worklet).catch((thrown: unknown) => {
    loaded = undefined
    throw thrown
  })
  return loaded
}

/** A browser may never start its sound, and does not say so. */
class Stuck extends Error {}
const PATIENCE_MS = 5000

async function soon<T>(ready: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Stuck()), PATIENCE_MS)
  })
  return Promise.race([ready, late]).finally(() => clearTimeout(timer))
}

/** Everything that is open while somebody speaks. */
interface Desk {
  sound: Sound
  /** Lets the microphone go, at once. Resolves with what the browser's own recorder has made. */
  shut(): Promise<Blob | undefined>
}

async function open(
  track: MediaStreamTrack,
  way: Way,
  heard: (piece: Float32Array) => void,
  silenced: () => void,
): Promise<Desk> {
  const context = audioContext()
  await soon(Promise.all([context.resume(), prepare(context)]))
  const sound = new Sound(context.sampleRate)
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const mono = { channelCount: 1, channelCountMode: 'explicit' } as const
  const take = new AudioWorkletNode(context, 'heyy-take', { ...mono, numberOfInputs: 1 })
  // What leads nowhere may not be worked on; this leads to the loudspeaker, in silence.
  const silence = new GainNode(context, { gain: 0 })
  source.connect(take).connect(silence).connect(context.destination)
  take.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    sound.add(data)
    heard(data)
  }

  const look = () => {
    if (context.state !== 'running') silenced()
  }
  context.addEventListener('statechange', look)

  let own: MediaRecorder | undefined
  const parts: Blob[] = []
  if (way !== 'encode') {
    const mixed = new MediaStreamAudioDestinationNode(context, mono)
    source.connect(mixed)
    own = new MediaRecorder(mixed.stream, { mimeType: way, audioBitsPerSecond: 48_000 })
    own.ondataavailable = ({ data }) => parts.push(data)
    own.start()
  }

  return {
    sound,
    async shut() {
      take.port.onmessage = null
      context.removeEventListener('statechange', look)
      const made = own && new Promise((done) => own.addEventListener('stop', done, { once: true }))
      if (own && own.state !== 'inactive') own.stop()
      track.stop()
      source.disconnect()
      take.disconnect()
      silence.disconnect()
      await made
      return own && new Blob(parts, { type: own.mimeType })
    },
  }
}

/** Without a length, that of a clip. */
export function newRecorder({ least, most }: Length = clip): Recorder {
  const state = new Writable<RecorderState>({ at: 'ready' })
  let desk: Desk | undefined
  let now = 0
  let way: Way = 'encode'
  let closed = false
  let turn = 0

  const drop = () => {
    const shown = state.get()
    if (shown.at === 'taken') URL.revokeObjectURL(shown.take.listen)
  }

  const finish = (cut?: Cut) => {
    const done = desk
    if (!done) return
    desk = undefined
    now = 0
    const { sound } = done
    const own = done.shut()
    if (sound.ms < least + LEAST_SLACK_MS) {
      return state.set({ at: 'missed', why: cut ?? 'short' })
    }
    if (sound.bars.every((bar) => bar === 0)) return state.set({ at: 'missed', why: 'silent' })
    state.set({ at: 'taken', take: takeOf(sound, own, way, most), ...(cut ? { cut } : {}) })
  }

  const hidden = () => {
    // Nobody is listened to by a page they do not see.
    if (document.hidden) finish('left')
  }
  document.addEventListener('visibilitychange', hidden)

  const close = () => {
    closed = true
    turn++
    unlive()
    setLive('recording', undefined)
    document.removeEventListener('visibilitychange', hidden)
    void desk?.shut()
    desk = undefined
    drop()
  }
  // What was said and not sent yet is lost with the page.
  const unlive = state.subscribe(() => {
    const holds = ['asking', 'recording', 'taken'].includes(state.get().at)
    const connection: Live = { kind: 'recording', mic: 'off', setMuted: () => {}, leave: close }
    setLive('recording', holds ? connection : undefined)
  })

  return {
    get: state.get,
    subscribe: state.subscribe,
    level: () => (desk ? now : 0),
    ms: () => Math.min(most, desk?.sound.ms ?? 0),
    bars: () => desk?.sound.bars ?? [],

    async start() {
      if (desk || state.get().at === 'asking') return
      drop()
      const mine = ++turn
      if (!window.isSecureContext) return state.set({ at: 'refused', why: 'insecure' })
      state.set({ at: 'asking' })
      const found = await wayOf()
      if (mine !== turn) return
      if (!found) return state.set({ at: 'refused', why: 'unable' })
      way = found
      encoder().catch(() => undefined)
      const room = session.get()
      if (room.status === 'live' && room.mic === 'open') void session.setMuted(true)
      const got = await capture()
      const stale = () => closed || mine !== turn
      if ('refused' in got) {
        if (!stale()) state.set({ at: 'refused', why: got.refused })
        return
      }
      const { track } = got
      try {
        if (stale()) throw new Error('nobody waits any more')
        const heard = (piece: Float32Array) => {
          now = loudness(piece)
          if (desk && desk.sound.ms >= most - MOST_SLACK_MS) finish()
        }
        const opened = await open(track, way, heard, () => finish('interrupted'))
        if (stale()) {
          void opened.shut()
          return
        }
        desk = opened
      } catch (thrown) {
        track.stop()
        const why = thrown instanceof Stuck ? 'stuck' : 'missing'
        if (!stale()) state.set({ at: 'refused', why })
        return
      }
      // Unplugged, or taken away in the browser's own settings.
      track.onended = () => finish()
      // Nothing is heard from here on, and nobody would know.
      track.onmute = () => finish('interrupted')
      state.set({ at: 'recording' })
      hidden()
    },

    stop: () => finish(),

    again() {
      drop()
      state.set({ at: 'ready' })
    },

    close,
  }
}

function takeOf(sound: Sound, own: Promise<Blob | undefined>, way: Way, most: number): Take {
  const samples = sound.samples()
  let made: Promise<Blob> | undefined
  const make = async () => {
    const recorded = await own
    if (recorded && way === 'audio/ogg;codecs=opus')
      return recorded.slice(0, undefined, 'audio/ogg')
    const { encode, rewrap } = await encoder()
    return recorded ? rewrap(recorded) : encode(samples, sound.rate)
  }
  const file = () => {
    made ??= make().catch((thrown: unknown) => {
      made = undefined
      throw Problem.of(thrown)
    })
    return made
  }
  // Begun at once; whoever sends it asks again if it failed.
  file().catch(() => undefined)
  return {
    ms: Math.min(most, sound.ms),
    bars: sound.bars,
    listen: URL.createObjectURL(wav(samples, sound.rate)),
    raw: () => wavBytes(samples, sound.rate),
    file,
  }
}
