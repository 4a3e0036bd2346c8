import { answer, api, type OwnEvent, type Presence } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { LiveStore, type Reducer } from './liveStore'

interface Known {
  /** Friends who are not offline. */
  people: ReadonlyMap<string, Presence>
}

function put({ people }: Known, one: Presence): Known {
  const next = new Map(people)
  if (one.state === 'offline') next.delete(one.person_id)
  else next.set(one.person_id, one)
  return { people: next }
}

export const presenceReducer: Reducer<Known, OwnEvent, readonly Presence[]> = {
  initial: { people: new Map() },
  merge: (_, people) => ({ people: new Map(people.map((one) => [one.person_id, one])) }),
  // Whoever is no friend any more is told to be offline, too.
  apply: (known, event) => (event.type === 'presence' ? put(known, event) : known),
}

/** Which friends are here, while a screen shows it. */
export const presence = new LiveStore(presenceReducer, {
  ...environment,
  read: async () => (await answer(api.GET('/api/presence'))).people,
  listen: listenOwn,
})
