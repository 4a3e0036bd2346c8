export { DiscoverPage } from './DiscoverPage'
