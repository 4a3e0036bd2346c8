declare global {
  interface Window {
    heyyEar: { last: Record<number, number>; clicked: number }
  }
}

/**
 * Runs in the page: every 20 ms it looks for tones in what the page plays, live
 * or from a recording, and keeps when each was heard last. Times are Unix
 * milliseconds. It changes nothing.
 */
export function listen(tones: number[]): void {
  const now = () => performance.timeOrigin + performance.now()
  window.heyyEar = { last: {}, clicked: 0 }
  addEventListener('click', () => (window.heyyEar.clicked = now()), true)
  if (tones.length === 0) return

  let context: AudioContext | undefined
  const known = new WeakMap<MediaStreamTrack, AnalyserNode>()
  const samples = new Float32Array(2048) // 43 ms
  const analyser = (track: MediaStreamTrack) => {
    context ??= new AudioContext({ sampleRate: 48000 })
    let found = known.get(track)
    if (!found) {
      found = new AnalyserNode(context, { fftSize: samples.length })
      context.createMediaStreamSource(new MediaStream([track])).connect(found)
      known.set(track, found)
    }
    return found
  }

  const power = () => {
    let sum = 0
    for (let i = 0; i < samples.length; i++) sum += (samples[i] as number) ** 2
    return sum
  }

  /** How much of a power lies at hz, 0 to 1 (Goertzel). */
  const share = (hz: number, of: number) => {
    const c = 2 * Math.cos((2 * Math.PI * hz) / 48000)
    let [a, b] = [0, 0]
    for (let i = 0; i < samples.length; i++) {
      const next = (samples[i] as number) + c * a - b
      b = a
      a = next
    }
    return (2 * (a * a + b * b - c * a * b)) / samples.length / of
  }

  // Recordings need not stand in the page to be played.
  const recordings = new Map<HTMLMediaElement, MediaStream>()
  const play = HTMLMediaElement.prototype.play
  HTMLMediaElement.prototype.play = function () {
    if (!this.srcObject && 'captureStream' in this && !recordings.has(this)) {
      recordings.set(this, (this.captureStream as () => MediaStream)())
    }
    return play.call(this)
  }

  setInterval(() => {
    for (const element of [...document.querySelectorAll('audio'), ...recordings.keys()]) {
      const stream = element.srcObject ?? recordings.get(element)
      if (!(stream instanceof MediaStream) || element.paused) continue
      // A voice that is played louder than it came sounds through Web Audio, its element muted.
      if (element.muted && !element.hasAttribute('data-boosted')) continue
      // A recording that is played again has another track.
      const track = stream.getAudioTracks().find(({ readyState }) => readyState === 'live')
      if (!track) continue // nothing has come yet
      analyser(track).getFloatTimeDomainData(samples)
      const loud = power()
      if (loud / samples.length < 1e-6) continue
      for (const hz of tones) if (share(hz, loud) > 0.4) window.heyyEar.last[hz] = now()
    }
  }, 20)
}
