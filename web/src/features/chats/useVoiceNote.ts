import { useEffect, useState } from 'react'
import { useTranslation } from '../../i18n'
import { limits } from '../../i18n/vocabulary.gen'
import { toast } from '../../ui'
import { interrupted, isCalling } from '../../voice/live'
import { player } from '../../voice/player'
import { newRecorder } from '../../voice/recorder'
import { session } from '../../voice/session'
import { VoiceNote } from '../../voice/voiceNote'
import { keepTake } from './voices'

/** The server takes half a second and more. */
const length = { least: 500, most: limits.voiceMinutes * 60_000 }

function blocked() {
  if (isCalling()) return 'call'
  const room = session.get()
  return room.status === 'live' && room.you.seat !== undefined ? 'seat' : undefined
}

/** What records voice messages for one conversation, as long as it is on screen. */
export function useVoiceNote(person: string): VoiceNote | undefined {
  const { t } = useTranslation()
  const [note, setNote] = useState<VoiceNote>()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another language begins no other recording.
  useEffect(() => {
    const made = new VoiceNote({
      recorder: newRecorder(length),
      blocked,
      interrupted,
      quiet: () => player.pause(),
      now: () => performance.now(),
      taken(take, fate) {
        if (fate !== 'discard') return void keepTake(person, take, fate === 'send')
        toast({
          text: () => t('chats.voice.discarded'),
          action: {
            label: t('chats.voice.undo'),
            run: () => void keepTake(person, take, false),
          },
        })
      },
    })
    setNote(made)
    return () => made.close()
  }, [person])
  return note
}
