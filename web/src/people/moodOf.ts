import type { Person } from '../api'
import { hueOf, mood } from '../ui'

/** The warmth of a plain ring, for who has no voice yet. */
const plain = 65

/** A screen that shows one person is lit by their voice: spread it on the element around them. */
export function moodOf({ voice }: Pick<Person, 'voice'>): ReturnType<typeof mood> {
  return mood(voice ? Math.round(hueOf(voice.pitch_hz)) % 360 : plain)
}
