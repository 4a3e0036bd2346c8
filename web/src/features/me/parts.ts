import type { Me } from '../../api'

/** What can be opened from the page of oneself. */
export type Part =
  | 'name'
  | 'self'
  | 'meet'
  | 'languages'
  | 'interests'
  | 'home'
  | 'work'
  | 'card'
  | 'verify'
  | { clip: number }

/** What would help most now, one thing at a time; undefined when there is nothing to ask for. */
export type Next =
  | 'gender'
  | 'meet'
  | 'languages'
  | 'interests'
  | 'home'
  | 'intro'
  | 'clip'
  | 'verify'

export const PLACES = 4

/** The place for the next clip: 0 is the intro; undefined when all are taken. */
export function freePlace(me: Pick<Me, 'clips'>): number | undefined {
  return Array.from({ length: PLACES }, (_, i) => i).find(
    (place) => !me.clips.some((clip) => clip.place === place),
  )
}

const needs: Record<string, Next> = {
  gender: 'gender',
  meet: 'meet',
  intents: 'meet',
  languages: 'languages',
  interests: 'interests',
  home: 'home',
  intro: 'intro',
}

/** Without a voice nobody is met, so that comes before everything else. */
export function nextStep(me: Pick<Me, 'needs' | 'clips' | 'verified'>): Next | undefined {
  if (me.needs.includes('intro')) return 'intro'
  for (const need of me.needs) {
    const next = needs[need]
    if (next) return next
  }
  if (me.clips.length < 2) return 'clip'
  return me.verified ? undefined : 'verify'
}

/** Which sheet a step opens. */
export function partOf(next: Next, me: Pick<Me, 'clips'>): Part {
  switch (next) {
    case 'gender':
      return 'self'
    case 'intro':
      return { clip: 0 }
    case 'clip':
      return { clip: freePlace(me) ?? 0 }
    default:
      return next
  }
}
