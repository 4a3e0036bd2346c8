import type { CSSProperties } from 'react'

/** Smaller ones stand in rows and bars, whose size does not change with the window. */
const art = 140

/**
 * The box of something drawn. Art is the first to give way in a low or narrow window: --art of
 * tokens.css is how much of its size it keeps there.
 */
export function artSize(size: number): CSSProperties {
  const box = artLength(size)
  return { inlineSize: box, blockSize: box }
}

/** A part of that box, such as the letter in it. */
export function artLength(size: number, part = 1): string {
  const length = `${Math.round(size * part)}px`
  return size < art ? length : `calc(${length} * var(--art))`
}
