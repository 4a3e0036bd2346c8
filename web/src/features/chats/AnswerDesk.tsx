import { useNavigate } from '@tanstack/react-router'
import { ArrowUp, Mic } from 'lucide-react'
import { useId } from 'react'
import type { Person } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { Unable } from '../../people'
import { IconButton, toast } from '../../ui'
import styles from './Composer.module.css'
import { useRecording } from './useRecording'
import { HoldHint, Recording } from './VoiceDesk'
import { answerMoment } from './voices'

/** Answers a moment by voice, in the chat with its author. */
export function AnswerDesk({
  person,
  moment,
  onSent,
}: {
  person: Pick<Person, 'id' | 'name'>
  moment: string
  onSent(): void
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const id = useId()
  const name = isolate(person.name)
  const { note, round, level, recording } = useRecording(person.id, (to, take, send) => {
    answerMoment(to, moment, take, send)
    toast({
      text: () => t(send ? 'moments.answer.done' : 'moments.answer.kept', { name }),
      action: {
        label: t('moments.answer.open'),
        run: () => void navigate({ to: '/chats/$person', params: { person: person.id } }),
      },
    })
    if (send) onSent()
  })
  const locked = recording === 'locked'
  return (
    <div className={styles.composer}>
      <div className={styles.trouble}>{note && <Unable note={note} />}</div>
      <div className={styles.row}>
        {note && recording ? (
          <Recording note={note} held={recording === 'held'} />
        ) : (
          <p id={id} className={styles.invite}>
            {t('moments.answer.hint', { name })}
          </p>
        )}
        {recording === 'held' && <HoldHint />}
        <IconButton
          ref={level}
          look="primary"
          data-primary=""
          className={styles.send}
          data-recording={recording}
          icon={locked ? ArrowUp : Mic}
          label={t(locked ? 'chats.voice.send' : 'moments.answer.record')}
          aria-describedby={recording ? undefined : id}
          {...(locked ? { onClick: note?.send } : round)}
        />
      </div>
    </div>
  )
}
