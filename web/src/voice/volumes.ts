import { Choice } from './choice'

/** As many people's volumes are remembered; of more, those set first are forgotten. */
const MOST = 200
/** Percent. */
export const LOUDEST = 200
const AS_IT_COMES = 100

type Volumes = ReadonlyMap<string, number>

function read(stored: string | null): Volumes {
  try {
    const known: unknown = JSON.parse(stored ?? '[]')
    if (!Array.isArray(known)) return new Map()
    return new Map(known.filter(isVolume).slice(-MOST))
  } catch {
    return new Map()
  }
}

function isVolume(one: unknown): one is [string, number] {
  if (!Array.isArray(one)) return false
  const [id, percent] = one
  return typeof id === 'string' && typeof percent === 'number' && percent >= 0 && percent <= LOUDEST
}

/**
 * How loud this device plays each person in rooms, percent, by account id; whoever is not in it: 100.
 * localStorage `heyy.volumes` holds pairs, the newest last.
 */
export const volumes = new Choice<Volumes>('heyy.volumes', read, (all) =>
  all.size === 0 ? undefined : JSON.stringify([...all]),
)

export const volumeOf = (personId: string, all = volumes.get()): number =>
  all.get(personId) ?? AS_IT_COMES

export function setVolume(personId: string, percent: number): void {
  const next = new Map(volumes.get())
  next.delete(personId)
  if (percent !== AS_IT_COMES) next.set(personId, percent)
  volumes.choose(new Map([...next].slice(-MOST)))
}
