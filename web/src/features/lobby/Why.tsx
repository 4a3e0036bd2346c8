import type { Card, Me } from '../../api'
import { useTranslation } from '../../i18n'
import { knownInterest } from '../../i18n/interests'
import { within } from '../../people/words'
import { reason } from './words'

/** Why this room stands here, if it is for something this person said of themselves. */
export function Why({ card, me }: { card: Card; me: Me }) {
  const { t } = useTranslation()
  const liked = reason(card, me)
  const interest = liked && knownInterest(liked)
  if (!interest) return null
  // "Karaoke, you like karaoke" would say it twice.
  const why =
    liked === card.category ? t('lobby.whyThis') : t('lobby.why', { interest: within(t(interest)) })
  return <span>{` · ${why}`}</span>
}
