import type { Card, Me } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { knownInterest } from '../../i18n/interests'
import { useBonds, yoursIn } from '../../people'
import { within } from '../../people/words'
import { reason } from './words'

/** Why this room stands here: for people this person knows, or for something they said of themselves. */
export function Why({ card, me }: { card: Card; me: Me }) {
  const { t } = useTranslation()
  const [first, ...others] = yoursIn(card, useBonds())
  if (first) {
    const name = isolate(first.name)
    return <span>{` · ${t(others.length > 0 ? 'lobby.whyYours' : 'lobby.whyOne', { name })}`}</span>
  }
  const liked = reason(card, me)
  const interest = liked && knownInterest(liked)
  if (!interest) return null
  // "Karaoke, you like karaoke" would say it twice.
  const why =
    liked === card.category ? t('lobby.whyThis') : t('lobby.why', { interest: within(t(interest)) })
  return <span>{` · ${why}`}</span>
}
