export { ClubJoinPage } from './ClubJoinPage'
export { ClubPage } from './ClubPage'
export { ClubsPage } from './ClubsPage'
export { FoundClubs } from './FoundClubs'
