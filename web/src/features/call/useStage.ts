import { useStore } from '../../ui'
import { session } from '../../voice/session'

/** The room this person would leave for a call: on its stage, or only listening. */
export function useStage(): { title: string; seated: boolean } | undefined {
  const room = useStore(session)
  if (room.status !== 'live') return undefined
  return { title: room.room.title, seated: room.you.seat !== undefined }
}
