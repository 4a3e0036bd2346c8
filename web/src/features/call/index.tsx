export { CallButton } from './CallButton'
export { CallPage } from './CallPage'
export { Proposal } from './Proposal'
export { left, useNow } from './time'
