import type { Category } from '../../api'
import { AuraStill, moodNames } from '../../ui'

/** The sign of a club: a still aura, in a colour of its topic, with the initial of its name. Decorative. */
export function ClubMark({
  club,
  size,
}: {
  club: { id: string; name: string; category: Category }
  size: number
}) {
  const pitch_hz = 100 + 16 * moodNames.indexOf(club.category)
  const voice = { pitch_hz, brightness: 0.35, tempo: 0.45, energy: 0.6 }
  return <AuraStill person={{ id: club.id, name: club.name, voice }} size={size} labelled />
}
