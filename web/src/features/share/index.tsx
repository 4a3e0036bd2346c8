export { SharePage } from './SharePage'
