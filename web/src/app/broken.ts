import { useEffect } from 'react'
import { Writable } from '../ui/store'

/** Pages that failed and stand on the screen as what Broken shows. */
const count = new Writable(0)

export const broken = { get: () => count.get() > 0, subscribe: count.subscribe }

/** Says that the page is gone, with whatever controls it had: those around it take their place. */
export function useBroken(): void {
  useEffect(() => {
    count.set(count.get() + 1)
    return () => count.set(count.get() - 1)
  }, [])
}
