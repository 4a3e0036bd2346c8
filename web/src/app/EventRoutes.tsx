import { getRouteApi, useLocation } from '@tanstack/react-router'
import { EventPage, EventsPage } from '../features/schedule'

const all = getRouteApi('/inside/events')
const one = getRouteApi('/inside/events/$event')

export function EventsRoute() {
  const { plan, club } = all.useSearch()
  const draft = useLocation({ select: ({ state }) => state.draft })
  return <EventsPage plan={plan ?? false} club={club} draft={draft} />
}

export function EventRoute() {
  const { event } = one.useParams()
  return <EventPage key={event} event={event} />
}
