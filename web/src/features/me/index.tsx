export { CardsPage } from './CardsPage'
export { MePage } from './MePage'
export { PeoplePage } from './PeoplePage'
