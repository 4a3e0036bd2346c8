import { useEffect } from 'react'
import { bonds } from '../realtime/bonds'
import { useStore } from '../ui'

/** The people that are something to this person, live while anything asks. */
export function useBonds() {
  useEffect(() => bonds.start(), [])
  return useStore(bonds)
}
