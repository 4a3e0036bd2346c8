import { useEffect, useRef } from 'react'

/** What browsers with a back gesture for dialogs offer; the types do not have it yet. */
type CloseWatcher = { onclose: (() => void) | null; destroy(): void }
type Platform = { CloseWatcher?: new () => CloseWatcher }

/**
 * Lets the back button or gesture of a phone close what is open, instead of leaving the page
 * under it. Where the browser has no CloseWatcher, back goes on leaving the page.
 */
export function useBackCloses(open: boolean, onClose: () => void) {
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    const { CloseWatcher } = globalThis as Platform
    if (!open || !CloseWatcher) return
    const watcher = new CloseWatcher()
    watcher.onclose = () => close.current()
    return () => watcher.destroy()
  }, [open])
}
