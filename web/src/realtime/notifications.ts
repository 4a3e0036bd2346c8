import { answer, api, type OwnEvent } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { LiveStore } from './liveStore'

/** How many notifications this person has not seen; the server counts up to 100. */
interface Unseen {
  unseen: number
}

class Notifications extends LiveStore<Unseen, OwnEvent, Unseen> {
  /** They have been looked at, here. */
  seen = (unseen: number): void => this.update(() => ({ unseen }))
}

export const notifications = new Notifications(
  {
    initial: { unseen: 0 },
    merge: (_, { unseen }) => ({ unseen }),
    apply: (known) => known,
    isStale: (_, event) => event.type === 'notifications',
  },
  {
    ...environment,
    read: () => answer(api.GET('/api/notifications', { params: { query: { limit: 1 } } })),
    listen: listenOwn,
  },
)
