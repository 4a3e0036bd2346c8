export { ClubEvents } from './ClubEvents'
export { EventPage } from './EventPage'
export { EventsPage } from './EventsPage'
export { Upcoming } from './Upcoming'
