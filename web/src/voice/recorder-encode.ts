import {
  AudioBufferSource,
  BlobSource,
  BufferTarget,
  Conversion,
  Input,
  OggOutputFormat,
  Output,
  WEBM,
} from 'mediabunny'

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

/** Puts the Opus of a WebM recording into an Ogg file, without touching it. */
export async function rewrap(webm: Blob): Promise<Blob> {
  const input = new Input({ source: new BlobSource(webm), formats: [WEBM] })
  const output = newOgg()
  const conversion = await Conversion.init({ input, output })
  await conversion.execute()
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
