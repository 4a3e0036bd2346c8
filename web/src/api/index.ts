export type { Readable as Store } from '../ui/store'
export { answer, api } from './client'
export type { MeState } from './me'
export { former, loadMe, me, setMe, signedIn, signOut } from './me'
export { addPasskey, deviceName, passkeysWork, signInWithPasskey } from './passkeys'
export { Problem } from './problem'
export type {
  Call,
  CallJoined,
  Card,
  Category,
  Chosen,
  Clip,
  Counts,
  Deck,
  DiscoverCard,
  Gender,
  HappyHour,
  Language,
  Mail,
  Match,
  Me,
  Member,
  OwnEvent,
  Passkey,
  Person,
  PersonCard,
  Photo,
  Preferences,
  QueueStatus,
  Reason,
  Region,
  ReportReason,
  Room,
  RoomChange,
  RoomChanges,
  Session,
  Town,
  Verification,
  Voice,
  WorkCard,
} from './types'
export { addPhoto, publishClip, sayPhrase, takePose } from './upload'
