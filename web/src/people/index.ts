export { About, Facts, Resident, WorkLines } from './About'
export { CardButton } from './CardButton'
export { ClipChip, thinned } from './ClipChip'
export { ConnectionCheck } from './ConnectionCheck'
export { acceptChat, beginChat, endChat, forgetChat } from './chatWith'
export type { RoomDraft } from './draft'
export {
  allTalk,
  anybody,
  EntryFields,
  EntryMark,
  type EntryWish,
  entryOf,
  isPIN,
  PINField,
  RecordedMark,
} from './Entry'
export { FollowButton } from './FollowButton'
export { HowToAllow } from './HowToAllow'
export { LivePeople } from './LivePeople'
export { LongField } from './LongField'
export { MicCheck, micWasChecked } from './MicCheck'
export { moodOf } from './moodOf'
export { useOfferPush } from './offerPush'
export { PersonView } from './PersonView'
export { Portrait } from './Portrait'
export { AuraWithPresence, PresenceLine } from './Presence'
export { SafetyMenu } from './SafetyMenu'
export { SearchField } from './SearchField'
export { SoundSettings } from './SoundSettings'
export { onBlocked } from './safety'
export { Unable } from './Unable'
export { useBonds } from './useBonds'
export { useCardOffers, useCards, vcardOf } from './useCards'
export { type Renew, recordingOf, useClip } from './useClip'
export { useCommand } from './useCommand'
export { useMuting } from './useMuting'
export { useNote } from './useNote'
export { usePages } from './usePages'
export { usePrompt } from './usePrompt'
export { clock, useWords } from './words'
export { yoursIn } from './yours'
