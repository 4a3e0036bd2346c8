import { type RefObject, useEffect, useRef } from 'react'

const askedMs = 50

/**
 * Writes a level into the element's --level, outside React. A slow ask with a
 * CSS transition between is enough for a disc, and costs no frames of its own.
 */
export function useLevel<E extends Element & ElementCSSInlineStyle>(
  level: (() => number) | undefined,
): RefObject<E | null> {
  const element = useRef<E>(null)
  const ask = useRef(level)
  useEffect(() => {
    ask.current = level
  })

  const on = level !== undefined
  useEffect(() => {
    if (!on) return
    let shown = ''
    const timer = setInterval(() => {
      const now = (ask.current?.() ?? 0).toFixed(2)
      if (now === shown) return
      shown = now
      element.current?.style.setProperty('--level', now)
    }, askedMs)
    return () => {
      clearInterval(timer)
      element.current?.style.setProperty('--level', '0')
    }
  }, [on])
  return element
}
