import { answer, api, type OwnEvent } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { LiveStore } from './liveStore'

interface News {
  /** How many notifications this person has not seen; the server counts up to 100. */
  unseen: number
  /** How often that was read: a list read before the last time may be old. */
  reads: number
}

/** The settings of this person, as a query: one copy for the page that changes them and all who keep to them. */
export const notificationSettings = {
  queryKey: ['me', 'notifications'],
  queryFn: () => answer(api.GET('/api/me/notifications')),
}

class Notifications extends LiveStore<News, OwnEvent, { unseen: number }> {
  /** They have been looked at, here. */
  seen = (unseen: number): void => this.update((known) => ({ ...known, unseen }))
}

export const notifications = new Notifications(
  {
    initial: { unseen: 0, reads: 0 },
    merge: ({ reads }, { unseen }) => ({ unseen, reads: reads + 1 }),
    apply: (known) => known,
    isStale: (_, event) => event.type === 'notifications',
  },
  {
    ...environment,
    read: () => answer(api.GET('/api/notifications', { params: { query: { limit: 1 } } })),
    listen: listenOwn,
  },
)
