import { useSyncExternalStore } from 'react'

const media = (query: string) => ({
  subscribe(changed: () => void): () => void {
    const list = matchMedia(query)
    list.addEventListener('change', changed)
    return () => list.removeEventListener('change', changed)
  },
  matches: () => matchMedia(query).matches,
})

/** From here on there is a rail and a side panel; the stylesheets say the same. */
const desk = media('(min-width: 1024px)')
/** A mouse or a pen: Enter sends there, and makes a new line under a thumb. */
const fine = media('(pointer: fine)')
const calm = media('(prefers-reduced-motion: reduce)')

/** For what CSS cannot size by itself, such as a canvas. */
export const useDesk = (): boolean => useSyncExternalStore(desk.subscribe, desk.matches)

/** Whether this person asked for stillness, where CSS cannot give it by itself. */
export const useCalm = (): boolean => useSyncExternalStore(calm.subscribe, calm.matches)

/** Whether somebody points finely, and has keys at hand. */
export const useFine = (): boolean => useSyncExternalStore(fine.subscribe, fine.matches)
