import { useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { useNote } from '../../people'
import { toast } from '../../ui'
import type { Take } from '../../voice/recorder'
import type { VoiceNote } from '../../voice/voiceNote'
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
  return useNote(person, length, (take, fate) => {
    if (fate !== 'discard') return keep(person, take, fate === 'send')
    toast({
      text: () => t('chats.voice.discarded'),
      action: { label: t('chats.voice.undo'), run: () => keep(person, take, false) },
    })
  })
}
