import { type MouseEvent, type PointerEvent, useEffect, useRef } from 'react'

const holdMs = 450
const slackPx = 10

/** Asks with a long press of a finger, the second mouse button, or the menu key. */
export function useHold(ask: (at: { x: number; y: number }) => void) {
  const from = useRef<{ x: number; y: number } | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const stop = () => {
    clearTimeout(timer.current)
    from.current = undefined
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  return {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType === 'mouse') return
      const at = { x: event.clientX, y: event.clientY }
      from.current = at
      clearTimeout(timer.current)
      timer.current = setTimeout(() => {
        if (from.current !== at) return
        stop()
        ask(at)
      }, holdMs)
    },
    onPointerMove(event: PointerEvent) {
      const at = from.current
      if (at && Math.hypot(event.clientX - at.x, event.clientY - at.y) > slackPx) stop()
    },
    onPointerUp: stop,
    onPointerCancel: stop,
    onContextMenu(event: MouseEvent<HTMLElement>) {
      event.preventDefault()
      // A finger that is held down has asked already, or will in a moment.
      if (from.current) return
      const box = event.currentTarget.getBoundingClientRect()
      const byKey = event.clientX === 0 && event.clientY === 0
      ask(byKey ? { x: box.left, y: box.bottom } : { x: event.clientX, y: event.clientY })
    },
  }
}
