/**
 * Getting hold of the microphone.
 *
 * localStorage `heyy.mic` = `raw` switches the browser's processing off (echo cancellation, noise
 * suppression, automatic gain): for music, and for tests whose tones the processing would eat.
 * localStorage `heyy.mic.noise` = `keep` leaves the sounds around a voice in it: nobody takes them out.
 * localStorage `heyy.mic.device` holds the microphone chosen in the mic check.
 */
const MODE = 'heyy.mic'
const DEVICE = 'heyy.mic.device'
const NOISE = 'heyy.mic.noise'

export type Refused = 'denied' | 'missing'
export type Captured = { track: MediaStreamTrack } | { refused: Refused }

function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

export function rememberDevice(deviceId: string): void {
  try {
    localStorage.setItem(DEVICE, deviceId)
  } catch {
    // A browser that forbids storage chooses its default next time.
  }
}

export const keepsNoise = (): boolean => recall(NOISE) === 'keep'

export function rememberNoise(keep: boolean): void {
  try {
    if (keep) localStorage.setItem(NOISE, 'keep')
    else localStorage.removeItem(NOISE)
  } catch {
    // As it comes, next time.
  }
}

export const rawMicrophone = (): boolean => recall(MODE) === 'raw'

export function constraints(
  raw: boolean,
  deviceId: string | null,
  noisy = raw,
): MediaTrackConstraints {
  return {
    echoCancellation: !raw,
    noiseSuppression: !raw && !noisy,
    autoGainControl: !raw,
    channelCount: 1,
    // A wish, not a demand: headphones left at home must not mean no microphone.
    ...(deviceId ? { deviceId: { ideal: deviceId } } : {}),
  }
}

/** Why there is no microphone, in two words a person can act on. */
export function refusal(thrown: unknown): Refused {
  const name = thrown instanceof DOMException ? thrown.name : ''
  return name === 'NotAllowedError' || name === 'SecurityError' ? 'denied' : 'missing'
}

/**
 * Of a track that carries music: nothing is taken out of it, and its two sides stay apart. Whoever sends it
 * sees it by the hint.
 */
const MUSIC = 'music'
export const isMusic = (track: MediaStreamTrack): boolean => track.contentHint === MUSIC

/** The microphone or instrument of somebody who plays: in stereo where it has two sides. */
export async function captureMusic(): Promise<Captured> {
  const got = await open({ ...constraints(true, recall(DEVICE)), channelCount: { ideal: 2 } })
  if ('track' in got) got.track.contentHint = MUSIC
  return got
}

/** own: what is no voice is taken out by the page, so not by the browser too. */
export const capture = (own = false): Promise<Captured> =>
  open(constraints(rawMicrophone(), recall(DEVICE), own || keepsNoise()))

async function open(audio: MediaTrackConstraints): Promise<Captured> {
  // Undefined on a page that is not a secure context.
  if (!navigator.mediaDevices) return { refused: 'missing' }
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio })
    const track = stream.getAudioTracks()[0]
    return track ? { track } : { refused: 'missing' }
  } catch (thrown) {
    return { refused: refusal(thrown) }
  }
}

/**
 * The microphone of somebody who talks live. Noise is taken out by the page where that can be done,
 * otherwise by the browser.
 */
export async function captureTalk(): Promise<Captured> {
  if (rawMicrophone() || keepsNoise()) return capture()
  const quieting = await import('./quiet').then((m) => m.quieting()).catch(() => undefined)
  const got = await capture(quieting !== undefined)
  if (!quieting || 'refused' in got) return got
  try {
    return { track: quieting(got.track) }
  } catch {
    got.track.stop()
    return capture()
  }
}
