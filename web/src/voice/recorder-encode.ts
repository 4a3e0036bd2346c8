import {
  AudioBufferSource,
  BlobSource,
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacketSink,
  Input,
  OggOutputFormat,
  Output,
  WEBM,
} from 'mediabunny'
import { Problem } from '../api'
import { readWav } from './recorder-sound'

/** What Opus is made for. */
const RATE = 48_000
/** Plenty for one voice; half a minute is 180 kB. */
const BITRATE = 48_000

const newOgg = () => new Output({ format: new OggOutputFormat(), target: new BufferTarget() })

function fileOf(output: ReturnType<typeof newOgg>): Blob {
  const bytes = output.target.buffer
  if (!bytes) throw new Error('nothing was written')
  return new Blob([bytes], { type: 'audio/ogg' })
}

/** Encodes one channel as Ogg/Opus. */
export async function encode(samples: Float32Array, rate: number): Promise<Blob> {
  const output = newOgg()
  const source = new AudioBufferSource({ codec: 'opus', bitrate: BITRATE })
  output.addAudioTrack(source)
  await output.start()
  await source.add(await atRate(samples, rate))
  await output.finalize()
  return fileOf(output)
}

/** Encodes what was kept in a hurry. Throws a Problem that no other try makes better. */
export async function encodeWav(bytes: ArrayBuffer): Promise<Blob> {
  try {
    const { samples, rate } = readWav(bytes)
    return await encode(samples, rate)
  } catch {
    throw new Problem({ code: 'voice.format', status: 422, detail: 'It cannot be encoded here.' })
  }
}

/** Puts the Opus of a WebM recording into an Ogg file, packet by packet, without touching it. */
export async function rewrap(webm: Blob): Promise<Blob> {
  const input = new Input({ source: new BlobSource(webm), formats: [WEBM] })
  const track = await input.getPrimaryAudioTrack()
  const config = await track?.getDecoderConfig()
  if (!track || !config) throw new Error('there is no sound in it')
  const output = newOgg()
  const source = new EncodedAudioPacketSource('opus')
  output.addAudioTrack(source)
  await output.start()
  for await (const packet of new EncodedPacketSink(track).packets()) {
    await source.add(packet, { decoderConfig: config })
  }
  await output.finalize()
  return fileOf(output)
}

async function atRate(samples: Float32Array, rate: number): Promise<AudioBuffer> {
  const heard = new AudioBuffer({ length: samples.length, numberOfChannels: 1, sampleRate: rate })
  heard.getChannelData(0).set(samples)
  if (rate === RATE) return heard
  const length = Math.floor((samples.length * RATE) / rate)
  const studio = new OfflineAudioContext({ length, numberOfChannels: 1, sampleRate: RATE })
  const source = new AudioBufferSourceNode(studio, { buffer: heard })
  source.connect(studio.destination)
  source.start()
  return studio.startRendering()
}
