import { useEffect, useRef, useState } from 'react'

/** What opened the dialog that is closing in this very moment. */
let handedOn: Element | null = null

/** A dialog closes: what opens in the same moment was opened out of it, and leads back past it. */
export function handOn(opener: Element | null): void {
  handedOn = opener
  setTimeout(() => {
    if (handedOn === opener) handedOn = null
  })
}

/** What a dialog that opens now was opened by: what was pressed, or what opened the one that it was pressed in. */
export function openerNow(): Element | null {
  const pressed = document.activeElement
  return pressed && pressed !== document.body ? pressed : (handedOn ?? pressed)
}

/**
 * For a form whose button may be pressed too early: `form` stands around its fields; once `refused` has
 * been called, the first field that is wrong has the focus and stands in view.
 */
export function useWrongField<E extends HTMLElement>() {
  const form = useRef<E>(null)
  const [presses, setPresses] = useState(0)
  useEffect(() => {
    if (presses === 0) return
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    field?.focus({ preventScroll: true })
    // With what is said below it.
    field?.scrollIntoView({ block: 'center' })
  }, [presses])
  return { form, refused: () => setPresses((n) => n + 1) }
}

/** Where the focus goes when a dialog closes: to what opened it, or to the page if that is gone. */
export function backTo(opener: Element | null): void {
  const there = opener instanceof HTMLElement && opener.isConnected
  const way = there ? opener : document.querySelector<HTMLElement>('main[tabindex]')
  way?.focus({ preventScroll: !there })
}
