import { useSyncExternalStore } from 'react'

const looks = () => document.visibilityState === 'visible' && document.hasFocus()

function subscribe(changed: () => void): () => void {
  document.addEventListener('visibilitychange', changed)
  window.addEventListener('focus', changed)
  window.addEventListener('blur', changed)
  return () => {
    document.removeEventListener('visibilitychange', changed)
    window.removeEventListener('focus', changed)
    window.removeEventListener('blur', changed)
  }
}

/** Whether somebody is at this page: it is in sight, and its window has the focus. */
export const useLooking = (): boolean => useSyncExternalStore(subscribe, looks)
