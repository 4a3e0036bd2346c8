const WINDOW_S = 0.03
const SEARCH_S = 0.008
/** Samples between those that are compared: voices have little above 6 kHz that matters here. */
const STEP = 4

/**
 * Plays a voice faster at the same pitch: waveform-similarity overlap-add (Verhelst and Roelands, ICASSP
 * 1993). Windows of 30 ms, half over each other, are taken from the input where they go on best from what
 * was written last. The result is as long as the input divided by the rate.
 */
export function stretch(input: Float32Array, rate: number, sampleRate: number): Float32Array {
  if (rate === 1) return input
  const hop = Math.round((WINDOW_S * sampleRate) / 2)
  const search = Math.round(SEARCH_S * sampleRate)
  const length = Math.round(input.length / rate)
  const out = new Float32Array(length + 2 * hop)
  const fade = Float32Array.from(
    { length: 2 * hop },
    (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / hop),
  )
  const at = (i: number) => input[i] ?? 0
  /** Where the input would go on by itself. */
  let natural = 0
  for (let to = 0; to < length; to += hop) {
    const ideal = Math.round(to * rate)
    let best = ideal
    if (to > 0) {
      let most = Number.NEGATIVE_INFINITY
      for (let from = Math.max(0, ideal - search); from <= ideal + search; from += STEP) {
        let alike = 0
        for (let i = 0; i < hop; i += STEP) alike += at(from + i) * at(natural + i)
        if (alike > most) {
          most = alike
          best = from
        }
      }
    }
    for (let i = 0; i < 2 * hop; i++) {
      // Nothing is faded in before the first window.
      const gain = to === 0 && i < hop ? 1 : (fade[i] ?? 0)
      out[to + i] = (out[to + i] ?? 0) + at(best + i) * gain
    }
    natural = best + hop
  }
  return out.subarray(0, length)
}
