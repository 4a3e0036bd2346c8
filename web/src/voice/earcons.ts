import { audioContext } from './audio'
import { sounds } from './sounds'

/**
 * Small signs for the ear. Coming to listen and going have none: a room is not interrupted by it. Who comes
 * on stage has one where few are around, see stageNews.ts.
 */
type Earcon =
  | 'may-speak'
  | 'moved-back'
  | 'match'
  | 'proposal'
  | 'message'
  | 'ring'
  | 'minute'
  | 'together'
  | 'over'
  | 'on-stage'
  | 'hand'

/** Hz; the notes follow each other at a fixed step. A rising fifth invites, a falling one takes leave, two that meet on an octave are a match. */
const NOTES: Record<Earcon, readonly number[]> = {
  'may-speak': [440, 659.26],
  'moved-back': [523.25, 349.23],
  match: [440, 659.26, 880],
  // Somebody is there: two steps up, as a question.
  proposal: [523.25, 587.33, 783.99],
  // A word in passing: one small step down, and nothing asks to be answered.
  message: [880, 783.99],
  // A friend at the door, who knocks again.
  ring: [659.26, 783.99, 659.26, 783.99],
  minute: [783.99],
  together: [392, 587.33],
  over: [587.33, 392],
  // Two that come often, and under voices: a small step up, and one knock.
  'on-stage': [523.25, 659.26],
  hand: [698.46],
}
const STEP_S = 0.11
const RING_S = 0.42
/** Peak gain; well under a voice. */
const PEAK = 0.06
/** Of what comes often. */
const SOFT: Partial<Record<Earcon, number>> = { message: 0.03, 'on-stage': 0.025, hand: 0.03 }
/** Made for its first sign, the context wakes within this, where it may. */
const WAKES_WITHIN_MS = 300

export function play(earcon: Earcon): void {
  if (!sounds.get()) return
  const context = audioContext()
  if (context.state === 'running') {
    sound(context, earcon)
    return
  }
  // Without a touch so far the browser keeps us silent, and a late sign would mislead.
  const asked = performance.now()
  context
    .resume()
    .then(() => {
      if (performance.now() - asked < WAKES_WITHIN_MS) sound(context, earcon)
    })
    .catch(() => undefined)
}

function sound(context: AudioContext, earcon: Earcon): void {
  const peak = SOFT[earcon] ?? PEAK
  NOTES[earcon].forEach((hz, i) => {
    const at = context.currentTime + i * STEP_S
    const tone = new OscillatorNode(context, { type: 'sine', frequency: hz })
    const swell = new GainNode(context, { gain: 0 })
    swell.gain.setValueAtTime(0, at)
    swell.gain.linearRampToValueAtTime(peak, at + 0.02)
    swell.gain.exponentialRampToValueAtTime(0.0005, at + RING_S)
    tone.connect(swell).connect(context.destination)
    tone.start(at)
    tone.stop(at + RING_S)
    tone.onended = () => swell.disconnect()
  })
}
