import { useSyncExternalStore } from 'react'

/** From here on there is a rail and a side panel; the stylesheets say the same. */
const query = '(min-width: 1024px)'

function subscribe(changed: () => void): () => void {
  const list = matchMedia(query)
  list.addEventListener('change', changed)
  return () => list.removeEventListener('change', changed)
}

/** For what CSS cannot size by itself, such as a canvas. */
export function useDesk(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
