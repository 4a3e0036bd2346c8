import { api, type DiscoverCard } from '../../api'
import { recordingOf } from '../../people'
import { player, type Recording } from '../../voice/player'
import { deck } from './deck'

export const introOf = (card: DiscoverCard) => card.person.clips.find((clip) => clip.place === 0)

export function recordingFor(card: DiscoverCard | undefined): Recording | undefined {
  const intro = card && introOf(card)
  return card && intro
    ? recordingOf(intro, (place) => deck.renew(card.person.id, place))
    : undefined
}

/** Who was heard is told when their card is left; what comes next learns from it. */
export function tellHeard(card: DiscoverCard | undefined): void {
  const recording = recordingFor(card)
  if (!card || !recording) return
  const share = player.heard(recording.key)
  if (player.get().key === recording.key) player.stop()
  player.forget(recording.key)
  if (share <= 0) return
  api
    .PUT('/api/discover/{person}/heard', {
      params: { path: { person: card.person.id } },
      body: { share, ticket: card.ticket ?? '' },
    })
    // Nobody waits for it, and a lost one is no loss.
    .catch(() => undefined)
}
