import type { Wishes } from '../../api'
import { genders } from '../../people/lists'

/** What a wish can be about, as the counts name it. */
export const wishKeys = [
  'meet',
  'ages',
  'intents',
  'languages',
  'interests',
  'verified_only',
] as const
export type WishKey = (typeof wishKeys)[number]

export const isWish = (key: string): key is WishKey => wishKeys.some((wish) => wish === key)

/** What the server takes for no wish at all. */
const youngest = 18
const oldest = 120

/** The wishes without one of them. */
export function dropped(wishes: Wishes, key: WishKey): Wishes {
  switch (key) {
    case 'ages':
      return { ...wishes, from: youngest, to: oldest }
    case 'meet':
      return { ...wishes, meet: [...genders] }
    case 'verified_only':
      return { ...wishes, verified_only: false }
    default:
      return { ...wishes, [key]: [] }
  }
}

/** Whether this one leaves anybody out. */
export function narrows(wishes: Wishes, key: WishKey): boolean {
  switch (key) {
    case 'ages':
      return wishes.from > youngest || wishes.to < oldest
    case 'meet':
      return wishes.meet.length < genders.length
    case 'verified_only':
      return wishes.verified_only
    default:
      return wishes[key].length > 0
  }
}
