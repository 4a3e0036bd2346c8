export { Onboarding } from './Onboarding'
