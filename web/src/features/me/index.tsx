export { MePage } from './MePage'
export { PeoplePage } from './PeoplePage'
