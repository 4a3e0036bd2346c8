import {
  type DragEvent,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  useEffect,
  useRef,
} from 'react'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { announce, toast, useStore } from '../../ui'
import { occupied } from '../../voice/live'
import { PREVIEW_MS, preview } from '../../voice/preview'

const holdMs = 350
/** How long a preview lasts. */
export const seconds = PREVIEW_MS / 1000
const slackPx = 10

/**
 * Press and hold plays a room from outside until release; the space bar as well, and pressed shortly it
 * plays to the end or the next press. The handlers belong on what contains the link to the room: the press
 * that was held enters nothing.
 */
export function usePreview(roomId: string) {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useStore(preview)
  const status = state.status !== 'none' && state.roomId === roomId ? state.status : undefined
  const pressed = useRef<{ held: boolean; let: () => void } | undefined>(undefined)
  const keyAt = useRef(0)
  /** A press was held: the click that ends it is none. */
  const swallow = useRef(false)

  useEffect(
    () => () => {
      const now = preview.get()
      if (now.status !== 'none' && now.roomId === roomId) preview.gone()
      pressed.current?.let()
    },
    [roomId],
  )

  const start = async () => {
    const problem = await preview.start(roomId)
    if (problem) {
      const known =
        problem.status !== 0 || problem.code === 'offline' || problem.code === 'no_webrtc'
      toast({ text: () => (known ? say(problem) : t('lobby.preview.failed')) })
    }
    if (problem) return
    if (preview.get().status === 'playing') announce(t('lobby.preview.playing'))
    // That a browser wants a tap it says only when it is to play; a finger that rests is none.
    const look = () => {
      const now = preview.get()
      if (now.status !== 'none') return
      undo()
      if (now.why === 'blocked') toast({ text: () => t('sound.blocked') })
      if (now.why === 'gone') toast({ text: () => t('lobby.preview.gone') })
    }
    const undo = preview.subscribe(look)
    look()
  }

  // Two rooms at once are no room; and a held press enters none.
  const refuse = () => toast({ text: () => t('lobby.preview.busy') })

  const handlers = {
    onPointerDown(event: PointerEvent) {
      pressed.current?.let()
      swallow.current = false
      if (event.button !== 0 || !event.isPrimary) return
      const { clientX, clientY } = event
      const over = new AbortController()
      const { signal } = over
      const press = {
        held: false,
        let() {
          clearTimeout(timer)
          over.abort()
          if (press.held) preview.stop()
          if (pressed.current === press) pressed.current = undefined
        },
      }
      const timer = setTimeout(() => {
        press.held = true
        swallow.current = true
        if (occupied.get()) refuse()
        else void start()
      }, holdMs)
      const moved = (to: globalThis.PointerEvent) => {
        const far = Math.hypot(to.clientX - clientX, to.clientY - clientY) > slackPx
        if (far && !press.held) press.let()
      }
      document.addEventListener('pointermove', moved, { signal })
      // Released anywhere, or taken by the browser to scroll.
      for (const end of ['pointerup', 'pointercancel'])
        document.addEventListener(end, press.let, { signal })
      pressed.current = press
    },
    onClickCapture(event: MouseEvent) {
      if (!swallow.current) return
      swallow.current = false
      event.preventDefault()
      event.stopPropagation()
    },
    onContextMenu(event: MouseEvent) {
      // A finger that rests on a link asks for it; the second button of a mouse still may.
      if (pressed.current) event.preventDefault()
    },
    onDragStart(event: DragEvent) {
      if (pressed.current) event.preventDefault()
    },
    onKeyDown(event: KeyboardEvent) {
      if (event.key === 'Escape' && status) preview.stop()
      if (event.key !== ' ' || !(event.target instanceof HTMLAnchorElement)) return
      event.preventDefault()
      if (event.repeat) return
      if (occupied.get()) {
        refuse()
        return
      }
      keyAt.current = event.timeStamp
      if (status) preview.stop()
      else void start()
    },
    onKeyUp(event: KeyboardEvent) {
      if (event.key === ' ' && event.timeStamp - keyAt.current > holdMs && status) preview.stop()
    },
    onBlur(event: FocusEvent) {
      if (status && !pressed.current && event.target instanceof HTMLAnchorElement) preview.stop()
    },
  }
  return { status, handlers }
}
