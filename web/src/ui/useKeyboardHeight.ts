import { type CSSProperties, useEffect, useState } from 'react'

/** Bars of the browser come and go by less than this; a keyboard on the screen takes more. */
const keyboardLeastPx = 120

/**
 * How high the window is while a keyboard on the screen covers its foot, as a style. Browsers lay a
 * page out as if the keyboard were not there, and what is written would be below it.
 */
export function useKeyboardHeight(): CSSProperties | undefined {
  const [height, setHeight] = useState<number>()
  useEffect(() => {
    const seen = window.visualViewport
    if (!seen) return
    const measure = () => {
      // Somebody who has zoomed in sees a part of the page, with or without a keyboard.
      const covered = seen.scale === 1 && window.innerHeight - seen.height > keyboardLeastPx
      setHeight(covered ? Math.round(seen.height) : undefined)
      if (covered) window.scrollTo(0, 0)
    }
    seen.addEventListener('resize', measure)
    return () => seen.removeEventListener('resize', measure)
  }, [])
  return height === undefined ? undefined : { blockSize: height }
}
