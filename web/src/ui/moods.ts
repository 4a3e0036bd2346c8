import type { CSSProperties } from 'react'

/** The mood of each category is a hue; lightness and chroma are the same for all. */
export const moods = {
  sport: 145,
  karaoke: 340,
  games: 285,
  music: 310,
  blind_date: 15,
  talk: 65,
  languages: 215,
  work: 250,
  local: 110,
  wellbeing: 180,
} as const

export type Mood = keyof typeof moods

export const moodNames = Object.keys(moods) as Mood[]

/** Spread on an element to tint it and what is in it: `<section {...mood('talk')}>`. */
export function mood(of: Mood | number): { 'data-mood': string; style: CSSProperties } {
  const hue = typeof of === 'number' ? of : moods[of]
  return { 'data-mood': String(of), style: { '--hue': hue } as CSSProperties }
}
