import { useNavigate } from '@tanstack/react-router'
import { ArrowUp, Mic } from 'lucide-react'
import { useId, useState } from 'react'
import { type MomentAuthor, type Person, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { beginChat, Unable } from '../../people'
import { chats } from '../../realtime/chats'
import { Button, IconButton, Trouble, toast, useStore } from '../../ui'
import styles from './Composer.module.css'
import { useRecording } from './useRecording'
import { HoldHint, Recording } from './VoiceDesk'
import { answerMoment } from './voices'

interface Answer {
  person: Pick<Person, 'id' | 'name'>
  moment: string
  onSent(): void
}

/** Answers a moment by voice, in the chat with its author: in a new one, or by a request, if there is none. */
export function AnswerDesk({ way, ...of }: Answer & { way: NonNullable<MomentAuthor['chat']> }) {
  const { t } = useTranslation()
  const chat = useStore(chats).chats.find((one) => one.person.id === of.person.id)
  if (chat?.asked === 'mine' && chat.last) {
    return (
      <p className={styles.invite}>{t('chats.request.mine', { name: isolate(of.person.name) })}</p>
    )
  }
  return chat || way === 'there' ? <Desk {...of} /> : <Offer {...of} way={way} />
}

/** The chat is begun before anything is recorded, so that nothing recorded is refused. */
function Offer({ person, way }: Answer & { way: 'direct' | 'request' }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  async function begin() {
    setBusy(true)
    setProblem(undefined)
    try {
      await beginChat(person.id)
    } catch (thrown) {
      setProblem(Problem.of(thrown))
      setBusy(false)
    }
  }
  return (
    <div className={styles.offer}>
      {way === 'request' && <p>{t('chats.request.offerHint', { name: isolate(person.name) })}</p>}
      <Trouble>{problem && say(problem)}</Trouble>
      <Button
        look="primary"
        data-primary=""
        full
        icon={Mic}
        busy={busy}
        onClick={() => void begin()}
      >
        {t('moments.answer.record')}
      </Button>
    </div>
  )
}

function Desk({ person, moment, onSent }: Answer) {
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
    <div className={styles.composer} data-voice-desk="">
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
