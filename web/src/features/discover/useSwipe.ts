import { type MouseEvent, type PointerEvent, useRef } from 'react'
import { type Choice, decide, threshold } from './swipe'

/** A finger that moved this far is no tap any more. */
const slack = 10
/** The speed of letting go is that of the last moments before it. */
const recentMs = 90

type Pull = {
  id: number
  x: number
  y: number
  width: number
  on: boolean
  trace: { x: number; at: number }[]
}

/**
 * Lets a card be pushed aside. It is moved outside React, with every event;
 * choose says whether the choice was taken. `--pull` on it is -1 (a pass) to 1 (a like) as far as letting go would count.
 */
export function useSwipe(choose: (choice: Choice) => boolean) {
  const pull = useRef<Pull | undefined>(undefined)
  const moved = useRef(false)

  function rest(card: HTMLElement) {
    card.style.removeProperty('translate')
    card.style.removeProperty('rotate')
    card.style.removeProperty('--pull')
    card.removeAttribute('data-pulled')
  }

  return {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      moved.current = false
      if (!event.isPrimary || event.button !== 0) return
      // A mouse also selects words: it pushes only by the part that has none.
      const grip = event.target instanceof Element && event.target.closest('[data-grip]')
      if (event.pointerType === 'mouse' && !grip) return
      pull.current = {
        id: event.pointerId,
        x: event.clientX,
        y: event.clientY,
        width: event.currentTarget.clientWidth,
        on: false,
        trace: [],
      }
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const p = pull.current
      if (!p || p.id !== event.pointerId) return
      const dx = event.clientX - p.x
      const dy = event.clientY - p.y
      if (!p.on) {
        if (Math.abs(dy) > slack && Math.abs(dy) >= Math.abs(dx)) {
          pull.current = undefined
          return
        }
        if (Math.abs(dx) < slack) return
        p.on = true
        moved.current = true
        event.currentTarget.setPointerCapture(event.pointerId)
        event.currentTarget.setAttribute('data-pulled', '')
      }
      p.trace.push({ x: event.clientX, at: event.timeStamp })
      while (p.trace.length > 2 && event.timeStamp - (p.trace[0]?.at ?? 0) > recentMs) {
        p.trace.shift()
      }
      const { style } = event.currentTarget
      style.translate = `${dx}px 0`
      style.rotate = `${(dx / p.width) * 7}deg`
      const part = Math.max(-1, Math.min(1, dx / threshold(p.width)))
      style.setProperty('--pull', part.toFixed(3))
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      const p = pull.current
      if (!p || p.id !== event.pointerId) return
      pull.current = undefined
      if (!p.on) return
      const first = p.trace[0]
      const ms = first ? event.timeStamp - first.at : 0
      const speed = first && ms > 0 ? (event.clientX - first.x) / ms : 0
      const choice = decide({ dx: event.clientX - p.x, speed, width: p.width })
      // A card that goes leaves from where the finger let it go.
      if (!choice || !choose(choice)) rest(event.currentTarget)
    },
    onPointerCancel(event: PointerEvent<HTMLElement>) {
      pull.current = undefined
      rest(event.currentTarget)
    },
    /** The end of a push is no press on whatever lies under it. */
    onClickCapture(event: MouseEvent<HTMLElement>) {
      if (!moved.current) return
      moved.current = false
      event.preventDefault()
      event.stopPropagation()
    },
  }
}
