/**
 * Where this device plays what Heyy lets hear: rooms, calls, recordings and signs alike.
 * localStorage `heyy.speaker` holds the loudspeaker chosen; none: whatever the system plays on.
 */
const SPEAKER = 'heyy.speaker'

interface Sink {
  sinkId?: unknown
  setSinkId?(id: string): Promise<void>
}

/** Whatever has played, as long as somebody holds it. */
const known = new Set<WeakRef<Sink>>()

/** Whether this browser lets a page choose where it plays. */
export const choosesSpeaker = (): boolean =>
  typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype

let chosen: string | undefined

export function speaker(): string {
  if (chosen !== undefined) return chosen
  try {
    chosen = localStorage.getItem(SPEAKER) ?? ''
  } catch {
    chosen = ''
  }
  return chosen
}

/** Plays on another device from now on, where the browser can. */
export function playOn(deviceId: string): void {
  chosen = deviceId
  try {
    if (deviceId) localStorage.setItem(SPEAKER, deviceId)
    else localStorage.removeItem(SPEAKER)
  } catch {
    // Chosen for this page alone, then.
  }
  for (const ref of known) {
    const sink = ref.deref()
    if (sink) set(sink, deviceId)
    else known.delete(ref)
  }
}

/** What plays sound goes through the chosen loudspeaker, and follows it to another. */
export function route<T extends object>(sink: T): T {
  known.add(new WeakRef(sink))
  if (speaker()) set(sink, speaker())
  return sink
}

function set(sink: Sink, deviceId: string): void {
  if (!sink.setSinkId || (sink.sinkId ?? '') === deviceId) return
  // A device that has gone meanwhile: the system's own stays.
  sink.setSinkId(deviceId).catch(() => undefined)
}

/** A device came or went: what was chosen is used while it is there, the system's own otherwise. */
export async function followSpeakers(): Promise<void> {
  const id = speaker()
  if (!id || !choosesSpeaker()) return
  const devices = await navigator.mediaDevices.enumerateDevices().catch(() => undefined)
  const outputs = (devices ?? []).filter((d) => d.kind === 'audiooutput' && d.deviceId !== '')
  // A page without permission is not told which there are.
  if (outputs.length === 0) return
  const there = outputs.some((d) => d.deviceId === id)
  for (const ref of known) {
    const sink = ref.deref()
    if (sink) set(sink, there ? id : '')
  }
}
