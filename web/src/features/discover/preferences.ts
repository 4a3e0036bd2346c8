import type { Preferences } from '../../api'
import { genders } from '../../people/lists'

/** What a wish can be about, as the counts name it. */
export const preferenceKeys = [
  'meet',
  'ages',
  'intents',
  'languages',
  'interests',
  'verified_only',
] as const
export type PreferenceKey = (typeof preferenceKeys)[number]

export const isPreference = (key: string): key is PreferenceKey =>
  preferenceKeys.some((wish) => wish === key)

/** What the server takes for no wish at all. */
const youngest = 18
const oldest = 120

/** The preferences without one of them. */
export function dropped(preferences: Preferences, key: PreferenceKey): Preferences {
  switch (key) {
    case 'ages':
      return { ...preferences, from: youngest, to: oldest }
    case 'meet':
      return { ...preferences, meet: [...genders] }
    case 'verified_only':
      return { ...preferences, verified_only: false }
    default:
      return { ...preferences, [key]: [] }
  }
}

/** Whether this one leaves anybody out. */
export function narrows(preferences: Preferences, key: PreferenceKey): boolean {
  switch (key) {
    case 'ages':
      return preferences.from > youngest || preferences.to < oldest
    case 'meet':
      return preferences.meet.length < genders.length
    case 'verified_only':
      return preferences.verified_only
    default:
      return preferences[key].length > 0
  }
}
