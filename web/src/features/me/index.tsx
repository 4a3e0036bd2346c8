export { MePage } from './MePage'
