import { useEffect } from 'react'
import { useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { useNote } from '../../people'
import type { Take } from '../../voice/recorder'
import type { VoiceNote } from '../../voice/voiceNote'
import { offerUndo, withdrawUndo } from './undo'
import { keepTake } from './voices'

/** The server takes half a second and more. */
const length = { least: 500, most: limits.voiceMinutes * 60_000 }

/** What becomes of what was said: kept, and sent if that is wished. */
export type Keep = (person: string, take: Take, send: boolean) => void

/** What records voice messages for one conversation, as long as it is on screen. */
export function useVoiceNote(
  person: string,
  keep: Keep = (...said) => void keepTake(...said),
): VoiceNote | undefined {
  const { t } = useTranslation()
  const note = useNote(person, length, (take, fate) => {
    if (fate !== 'discard') return keep(person, take, fate === 'send')
    offerUndo(t, () => keep(person, take, false))
  })
  useEffect(
    () =>
      note?.subscribe(() => {
        if (note.get().at === 'recording') withdrawUndo()
      }),
    [note],
  )
  return note
}
