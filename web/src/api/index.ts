export type { Readable as Store } from '../ui/store'
export { answer, api } from './client'
export type { MeState } from './me'
export { loadMe, me, setMe, signOut } from './me'
export { addPasskey, deviceName, passkeysWork, signInWithPasskey } from './passkeys'
export { Problem } from './problem'
export type {
  Card,
  Category,
  Language,
  Mail,
  Me,
  Member,
  Passkey,
  Person,
  PersonCard,
  Room,
  Session,
  Voice,
} from './types'
