import { ChevronUp, Square, Trash2 } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Person } from '../../api'
import { useTranslation } from '../../i18n'

import { outgoing } from '../../realtime/outgoing'
import type { Sound } from '../../realtime/queue'
import { Icon, IconButton, LiveWaveform, useStore } from '../../ui'
import { player } from '../../voice/player'
import type { VoiceNote } from '../../voice/voiceNote'
import { offerUndo } from './undo'
import styles from './VoiceDesk.module.css'
import { VoiceMessage } from './VoiceMessage'
import { draftRecording, makeRoom } from './voices'

const shownEveryMs = 100

function Clock({ note }: { note: VoiceNote }) {
  const text = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    const show = () => {
      const seconds = Math.floor(note.ms() / 1000)
      const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
      if (text.current) text.current.textContent = clock
    }
    show()
    const timer = setInterval(show, shownEveryMs)
    return () => clearInterval(timer)
  }, [note])
  return <span ref={text} className={`${styles.clock} numbers`} aria-hidden />
}

/** What is being said, in place of the field. */
export function Recording({ note, held }: { note: VoiceNote; held: boolean }) {
  const { t } = useTranslation()
  const { at } = useStore(note)
  if (at === 'asking') {
    return (
      <p className={styles.asking} role="status">
        {t('chats.voice.asking')}
      </p>
    )
  }
  return (
    <div className={styles.strip} data-held={held || undefined}>
      {!held && (
        <IconButton icon={Trash2} label={t('chats.voice.discard')} onClick={note.discard} />
      )}
      <Clock note={note} />
      {held ? (
        <span className={styles.slide} aria-hidden>
          {t('chats.voice.slide')}
        </span>
      ) : (
        <span className={styles.wave}>
          <LiveWaveform bars={note.bars} />
        </span>
      )}
      {!held && <IconButton icon={Square} label={t('chats.voice.stop')} onClick={note.stop} />}
      <p className="only-heard" role="status">
        {t('chats.voice.saidRecording')}
      </p>
    </div>
  )
}

/** Above the finger that holds the microphone. */
export function HoldHint() {
  const { t } = useTranslation()
  return (
    <span className={styles.lock} aria-hidden>
      <Icon of={ChevronUp} size={20} />
      <span>{t('chats.voice.lock')}</span>
    </span>
  )
}

/** What was said and not sent: to listen to, to put into words, to throw away. */
export function VoiceDraft({
  person,
  voice,
}: {
  person: Pick<Person, 'id' | 'name' | 'voice'>
  voice: Sound
}) {
  const { t } = useTranslation()
  const recording = draftRecording(person, voice)
  return (
    <div className={styles.draft}>
      <IconButton
        icon={Trash2}
        label={t('chats.voice.discard')}
        onClick={() => {
          if (player.get().key === recording.key) player.stop()
          const { voice: _, moment, ...rest } = outgoing.get().drafts.get(person.id) ?? { text: '' }
          outgoing.draft(person.id, rest)
          offerUndo(t, () => {
            makeRoom(person.id)
            const now = outgoing.get().drafts.get(person.id)
            outgoing.draft(person.id, {
              text: '',
              ...now,
              voice,
              ...(moment ? { moment } : {}),
            })
          })
        }}
      />
      <VoiceMessage recording={recording} ms={voice.ms} peaks={voice.peaks} />
      <p className="only-heard" role="status">
        {t('chats.voice.saidKept', { seconds: Math.round(voice.ms / 1000) })}
      </p>
    </div>
  )
}
