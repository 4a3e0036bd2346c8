import { answer, api, type Chat, type OwnEvent } from '../api'
import { listenOwn } from './connection'
import { environment } from './environment'
import { LiveStore } from './liveStore'
import { allPages } from './pages'

/** Whoever asks for a chat, the last first. */
interface RequestList {
  requests: readonly Chat[]
}

class Requests extends LiveStore<RequestList, OwnEvent, readonly Chat[]> {
  /** Accepted, declined, or of somebody blocked. */
  drop = (person: string): void =>
    this.update(({ requests }) => ({
      requests: requests.filter((one) => one.person.id !== person),
    }))
}

const readAll = () =>
  allPages(
    (query) => answer(api.GET('/api/me/requests', { params: { query } })),
    (page) => page.requests,
  )

export const requests = new Requests(
  {
    initial: { requests: [] },
    merge: (_, requests) => ({ requests }),
    apply: (known) => known,
    isStale: ({ requests }, event) =>
      event.type === 'request' ||
      // Answered, on another device perhaps.
      (event.type === 'message' && requests.some((one) => one.person.id === event.person_id)),
  },
  { ...environment, read: readAll, listen: listenOwn },
)
