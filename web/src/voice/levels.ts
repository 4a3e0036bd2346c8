import { Meter } from './meter'

const meters = new Map<string, Meter>()
/** A slot's track carries one person after another: its meter is used again. */
const ofTracks = new WeakMap<MediaStreamTrack, Meter>()

/** A meter nobody asked for this long stops measuring. */
const REST_AFTER_MS = 2000
let sweep: ReturnType<typeof setInterval> | undefined

/** How loud this person is right now, 0..1, measured on what we play or, for ourselves, on what we send. */
export function level(personId: string): number {
  return asked(personId)?.level() ?? 0
}

/** The mean square of the same, before anything makes it louder or softer here. */
export function power(personId: string): number {
  return asked(personId)?.power() ?? 0
}

function asked(personId: string): Meter | undefined {
  const meter = meters.get(personId)
  if (meter) sweep ??= setInterval(restUnasked, REST_AFTER_MS)
  return meter
}

/** The track that is this person's voice here; of ourselves, that of the microphone. */
export function trackOf(personId: string): MediaStreamTrack | undefined {
  return meters.get(personId)?.track
}

/** From now on this track is this person's voice; without a track they are silent. */
export function setVoice(personId: string, track: MediaStreamTrack | undefined): void {
  const known = meters.get(personId)
  if (known?.track === track) return
  known?.rest()
  if (track) meters.set(personId, meterOf(track))
  else meters.delete(personId)
}

/** This track is no longer this person's voice; another one may be by now. */
export function clearVoice(personId: string, track: MediaStreamTrack): void {
  if (meters.get(personId)?.track === track) setVoice(personId, undefined)
}

function meterOf(track: MediaStreamTrack): Meter {
  const known = ofTracks.get(track)
  if (known) return known
  const made = new Meter(track)
  ofTracks.set(track, made)
  return made
}

function restUnasked() {
  const now = performance.now()
  let awake = 0
  for (const meter of meters.values()) {
    if (now - meter.asked > REST_AFTER_MS) meter.rest()
    else awake++
  }
  if (awake === 0) {
    clearInterval(sweep)
    sweep = undefined
  }
}
