import type { CSSProperties } from 'react'

/** Smaller ones stand in rows and bars, whose size does not change with the window. */
const art = 140

/**
 * The box of something drawn. Art is the first to give way in a low or narrow window: --art of
 * tokens.css is how much of its size it keeps there.
 */
export function artSize(size: number): CSSProperties {
  const box = size < art ? `${size}px` : `calc(${size}px * var(--art))`
  return { inlineSize: box, blockSize: box }
}
