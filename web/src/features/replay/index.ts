export { ReplayPage } from './ReplayPage'
export { ReplaysPage } from './ReplaysPage'
