import { type MouseEvent, type PointerEvent, type RefObject, useRef } from 'react'
import { useLevel, useStore } from '../../ui'
import { Writable } from '../../ui/store'
import type { VoiceNote, VoiceNoteState } from '../../voice/voiceNote'
import { type Keep, useVoiceNote } from './useVoiceNote'

/** How far a finger slides before it means it, CSS pixels. */
const LOCK_PX = 64
const DISCARD_PX = 88

const none = new Writable<VoiceNoteState>({ at: 'idle' })

/** The microphone of a conversation under a finger, a pointer or a key. */
export function useRecording(
  person: string,
  keep?: Keep,
): {
  note: VoiceNote | undefined
  /** Of the round control. */
  round: object
  level: RefObject<HTMLButtonElement | null>
  recording: 'asking' | 'held' | 'locked' | undefined
} {
  const note = useVoiceNote(person, keep)
  const state = useStore(note ?? none)
  const from = useRef<{ x: number; y: number } | undefined>(undefined)
  const level = useLevel<HTMLButtonElement>(
    note && state.at === 'recording' ? note.level : undefined,
  )
  const locked = state.at === 'recording' && state.locked
  const recording = state.at === 'recording' ? (locked ? 'locked' : 'held') : undefined

  const lift = (event: PointerEvent<HTMLElement>) => {
    from.current = undefined
    event.currentTarget.style.removeProperty('--slid')
  }
  const round = {
    onPointerDown(event: PointerEvent<HTMLElement>) {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
      from.current = { x: event.clientX, y: event.clientY }
      note?.press()
    },
    onPointerMove(event: PointerEvent<HTMLElement>) {
      const start = from.current
      if (!start || recording !== 'held') return
      const rtl = getComputedStyle(event.currentTarget).direction === 'rtl'
      const back = (start.x - event.clientX) * (rtl ? -1 : 1)
      const up = start.y - event.clientY
      event.currentTarget.style.setProperty('--slid', `${Math.min(0, rtl ? 0 : -back)}px`)
      if (back > DISCARD_PX) {
        lift(event)
        note?.discard()
      } else if (up > LOCK_PX) {
        lift(event)
        note?.lock()
      }
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      if (!from.current) return
      lift(event)
      note?.release()
    },
    // The system has taken the finger away: what is being said goes on.
    onPointerCancel(event: PointerEvent<HTMLElement>) {
      if (!from.current) return
      lift(event)
      note?.lock()
    },
    onClick(event: MouseEvent) {
      // By a key or a screen reader; a pointer was heard already.
      if (event.detail !== 0) return
      note?.press()
      note?.lock()
    },
    onContextMenu: (event: MouseEvent) => event.preventDefault(),
  }
  return { note, round, level, recording: state.at === 'asking' ? 'asking' : recording }
}
