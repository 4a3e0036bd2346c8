import type { MouseEvent } from 'react'
import type { Card } from '../../api'
import { entering } from '../../voice/session'
import { usePreview } from './usePreview'

export { seconds } from './usePreview'

/** The way into a room from its card. With a PIN in between nothing is to be heard, and its door asks. */
export function useWayIn(card: Card) {
  const { status, handlers } = usePreview(card.id)
  const may = card.access !== 'pin'
  return {
    status,
    handlers: may ? handlers : {},
    may,
    tap: (event: MouseEvent) => {
      if (may) entering(card.id)(event)
    },
  }
}
