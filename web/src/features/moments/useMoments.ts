import { useEffect, useState } from 'react'
import { serverNow } from '../../api'
import { onBlocked } from '../../people'
import { live, type MomentList } from '../../realtime/momentList'
import { moments, newMoments } from '../../realtime/moments'
import { useStore } from '../../ui'
import type { Source } from './playlist'

const stores = { known: moments, new: newMoments }
const lookEveryMs = 30_000

onBlocked((person) => {
  for (const store of Object.values(stores)) store.drop(person)
})

/**
 * What can be heard now. The server tells of what matches post; of what others do, it is read again
 * when the page is looked at again. What is over by the clock goes by itself.
 */
export function useMoments(
  source: Source,
): ReturnType<(typeof stores)[Source]['get']> & MomentList {
  const store = stores[source]
  const state = useStore(store)
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const stop = store.start()
    void store.refresh()
    const look = () => {
      if (document.visibilityState === 'visible') void store.refresh()
    }
    document.addEventListener('visibilitychange', look)
    const timer = setInterval(() => setNow(serverNow()), lookEveryMs)
    return () => {
      document.removeEventListener('visibilitychange', look)
      clearInterval(timer)
      stop()
    }
  }, [store])
  return { ...state, ...live(state, now) }
}
