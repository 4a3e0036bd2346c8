export { MomentPage } from './MomentPage'
export { Rail } from './Rail'
