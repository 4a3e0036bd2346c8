import { useEffect } from 'react'

/** The title of the tab while the calling part is on the screen; without one, that of the app. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    if (title === undefined) return
    const before = document.title
    document.title = title
    return () => {
      document.title = before
    }
  }, [title])
}
