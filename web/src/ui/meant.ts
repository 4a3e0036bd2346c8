import { type MouseEvent, useEffect, useRef, useState } from 'react'

/**
 * What appears under a finger cannot be acted on for this long: the second tap of two was meant for
 * what stood there before.
 */
export const settlesInMs = 450

/**
 * Handlers for commands about `what`: a press counts only if `what` had stood still when the pointer
 * came down, and is about what it came down on. Without `settled`, `what` stands still once this
 * component has shown it for a moment, and its commands say until then that they are disabled.
 * Keys and screen readers press without a pointer, on what has the focus: they count at once.
 */
export function useMeant<What extends string>(
  what: What | undefined,
  settled?: (what: What) => boolean,
) {
  const pressed = useRef<{ meant: What | undefined } | undefined>(undefined)
  const [still, setStill] = useState<What>()
  useEffect(() => {
    if (settled !== undefined || what === undefined) return
    const timer = setTimeout(() => setStill(what), settlesInMs)
    return () => clearTimeout(timer)
  }, [what, settled])

  const stands = (it: What) => (settled ? settled(it) : it === still)
  const waits = settled === undefined && what !== undefined && what !== still
  return <E extends Element>(act: (what: What, event: MouseEvent<E>) => void) => ({
    'aria-disabled': waits || undefined,
    onPointerDown() {
      pressed.current = { meant: what !== undefined && stands(what) ? what : undefined }
    },
    onClick(event: MouseEvent<E>) {
      const { meant } = (event.detail > 0 && pressed.current) || { meant: what }
      pressed.current = undefined
      if (meant !== undefined) act(meant, event)
      else event.preventDefault()
    },
  })
}
