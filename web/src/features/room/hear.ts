import { audioContext } from '../../voice/audio'
import { loudness } from '../../voice/meter'

/** About 21 ms at 48 kHz, as the meters of the room. */
const span = 1024

/**
 * Lets an aura move to what this element plays, 0..1. From here on the sound
 * goes through the audio context, so without a running one it stays as it was.
 */
export async function hear(element: HTMLAudioElement): Promise<(() => number) | undefined> {
  const context = audioContext()
  await context.resume().catch(() => undefined)
  if (context.state !== 'running') return undefined
  const analyser = new AnalyserNode(context, { fftSize: span })
  context.createMediaElementSource(element).connect(analyser).connect(context.destination)
  const samples = new Float32Array(span)
  return () => {
    analyser.getFloatTimeDomainData(samples)
    return loudness(samples)
  }
}
