import { Meter } from './meter'

const meters = new Map<string, Meter>()

/** A meter nobody asked for this long stops measuring. */
const REST_AFTER_MS = 2000
let sweep: ReturnType<typeof setInterval> | undefined

/** How loud this person is right now, 0..1, measured on what we play or, for ourselves, on what we send. */
export function level(personId: string): number {
  const meter = meters.get(personId)
  if (!meter) return 0
  sweep ??= setInterval(restUnasked, REST_AFTER_MS)
  return meter.level()
}

/** From now on this track is this person's voice; without a track they are silent. */
export function setVoice(personId: string, track: MediaStreamTrack | undefined): void {
  const known = meters.get(personId)
  if (known?.track === track) return
  known?.rest()
  if (track) meters.set(personId, new Meter(track))
  else meters.delete(personId)
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
