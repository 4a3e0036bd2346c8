import { type RefObject, useEffect, useRef } from 'react'
import { level } from '../../voice/levels'
import { type MicCheck, openMicCheck } from '../../voice/mic'
import { session } from '../../voice/session'

const remembered = 'heyy.mic-checked'

/** Whether this person has heard themselves on this device before. */
export function micWasChecked(): boolean {
  try {
    return localStorage.getItem(remembered) !== null
  } catch {
    return false
  }
}

export function rememberMicCheck(): void {
  try {
    localStorage.setItem(remembered, '1')
  } catch {
    // Asked again next time, that is all.
  }
}

/**
 * How loud it is around this person, 0..1, for their own eyes: nothing is sent or kept. The
 * microphone is opened only where it was checked before; in a room its own one is listened to.
 */
export function useEar(self: string, on: boolean): () => number {
  const check = useRef<MicCheck | undefined>(undefined)
  useEffect(() => {
    const room = session.get()
    const held = room.status === 'live' && room.mic === 'open'
    if (!on || held || !micWasChecked()) return
    const opened = openMicCheck()
    check.current = opened
    return () => {
      check.current = undefined
      opened.stop()
    }
  }, [on])
  return () => (on ? (check.current?.get().level() ?? level(self)) : 0)
}

const askedMs = 50

/** Writes a level into the element's --level, outside React; CSS makes it smooth. */
export function useLevel<E extends Element & ElementCSSInlineStyle>(
  ask: () => number,
): RefObject<E | null> {
  const element = useRef<E>(null)
  const latest = useRef(ask)
  useEffect(() => {
    latest.current = ask
  })
  useEffect(() => {
    let shown = ''
    const timer = setInterval(() => {
      const now = latest.current().toFixed(2)
      if (now === shown) return
      shown = now
      element.current?.style.setProperty('--level', now)
    }, askedMs)
    return () => clearInterval(timer)
  }, [])
  return element
}
