import type { MomentList } from '../realtime/momentList'
import { moments, newMoments } from '../realtime/moments'
import { player } from '../voice/player'

const has = ({ mine, people }: MomentList, moment: string) =>
  mine.some(({ id }) => id === moment) ||
  people.some((one) => one.moments.some(({ id }) => id === moment))

/**
 * Stops a moment that plays once it is removed, until the returned function is called. While one
 * plays the list is kept live, wherever its listener walks. What strangers post is listed by a choice
 * of the server's: that it is missing there says nothing.
 */
export function stopGoneMoments(): () => void {
  let listed: string | undefined
  let stopList: (() => void) | undefined

  const look = () => {
    const { recording } = player.get()
    const moment = recording?.moment
    if (!recording || moment === undefined) {
      listed = undefined
      stopList?.()
      stopList = undefined
      return
    }
    stopList ??= moments.start()
    const known = moments.get()
    if (has(known, moment)) listed = moment
    else if (listed === moment && known.status === 'ready' && !has(newMoments.get(), moment)) {
      listed = undefined
      player.dropOne(recording.key)
    }
  }
  const undo = [player.subscribe(look), moments.subscribe(look)]
  look()
  return () => {
    for (const stop of undo) stop()
    stopList?.()
  }
}
