import type { Call } from '../../api'
import { useStore } from '../../ui'
import { calls } from '../../voice/calls'

/** With whom one is in a call: the server lets nobody into a room meanwhile. */
export function useTalks(): Call['person'] | undefined {
  const { call } = useStore(calls)
  return call?.state === 'connecting' || call?.state === 'live' ? call.person : undefined
}
