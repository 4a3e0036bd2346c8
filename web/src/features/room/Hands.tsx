import { Hand as HandIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { answer, api, Problem, type Room } from '../../api'
import type { Hand } from '../../api/types'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import {
  AuraStill,
  Button,
  Chips,
  Icon,
  IconButton,
  Sheet,
  Skeleton,
  TextField,
  Trouble,
  toast,
} from '../../ui'
import { session } from '../../voice/session'
import styles from './Hands.module.css'

/** Says what went wrong with a command, if something did. */
function useSay() {
  const say = useProblemText()
  return (problem: Problem | undefined) => problem && toast({ text: say(problem) })
}

const whoRaises: readonly Room['hands'][] = ['open', 'followed', 'off']

/** For hosts: how many hands are up, and the way to them. */
export function HandsButton({ room, onOpen }: { room: Room; onOpen(): void }) {
  const { t } = useTranslation()
  const count = room.members.filter((m) => m.hand !== undefined).length
  if (count === 0) return null
  return (
    <Button look="quiet" icon={HandIcon} onClick={onOpen}>
      {t('room.hands.count', { count })}
    </Button>
  )
}

/** For hosts: the queue of those who want to speak, and who may join it. */
export function HandsSheet({
  open,
  onOpenChange,
  room,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  room: Room
}) {
  const { t } = useTranslation()
  const tell = useSay()
  const say = useProblemText()
  const [hands, setHands] = useState<Hand[]>()
  const [turns, setTurns] = useState(0)
  const [failed, setFailed] = useState<Problem>()
  // Each change of the room may have changed the queue, and an invitation changes nothing but it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: they only say when to read
  useEffect(() => {
    if (!open) return
    let gone = false
    answer(api.GET('/api/rooms/{room}/hands', { params: { path: { room: room.id } } })).then(
      (read) => {
        if (gone) return
        setHands(read.hands)
        setFailed(undefined)
      },
      // It is read again with the next change.
      (thrown) => !gone && setFailed(Problem.of(thrown)),
    )
    return () => {
      gone = true
    }
  }, [open, room.id, room.seq, turns])

  const run = async (command: Promise<Problem | undefined>) => {
    tell(await command)
    setTurns((n) => n + 1)
  }

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={t('room.hands.title')}>
      {!hands && !failed && <Skeleton width="100%" height="3rem" />}
      <Trouble>{failed && say(failed)}</Trouble>
      {hands?.length === 0 && <p className={styles.none}>{t('room.hands.none')}</p>}
      <ol className={styles.queue}>
        {hands?.map(({ person, note, invited }) => {
          // Who sits has been muted: there is nothing to invite them to.
          const sits = room.members.some((m) => m.person.id === person.id && m.seat !== undefined)
          return (
            <li key={person.id} className={styles.hand}>
              <AuraStill person={person} size={44} />
              <span className={styles.who}>
                <bdi className="cut">{person.name}</bdi>
                {note && <bdi className={styles.note}>{note}</bdi>}
              </span>
              <span className={styles.answers}>
                {sits ? (
                  <Button
                    look="primary"
                    onClick={() => void run(session.host('allow-to-unmute', person.id))}
                  >
                    {t('room.hands.letUnmute')}
                  </Button>
                ) : (
                  <Button
                    look={invited ? 'quiet' : 'primary'}
                    disabled={invited === true}
                    onClick={() => void run(session.host('invite', person.id))}
                  >
                    {t(invited ? 'room.hands.invited' : 'room.hands.invite')}
                  </Button>
                )}
                <IconButton
                  icon={HandIcon}
                  label={t('room.hands.lower', { name: isolate(person.name) })}
                  onClick={() => void run(session.host('lower-hand', person.id))}
                />
              </span>
            </li>
          )
        })}
      </ol>
      <Chips<Room['hands']>
        label={t('room.hands.who')}
        value={room.hands}
        onChange={(value: Room['hands']) => void run(session.setHands(value))}
        chips={whoRaises.map((value) => ({ value, label: t(`room.hands.${value}`) }))}
      />
    </Sheet>
  )
}

/** Asks to speak, with a word on what about. */
export function RaiseHand({
  open,
  onOpenChange,
  sits,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  /** Muted by a host, on a seat: what is asked for is the microphone. */
  sits: boolean
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [note, setNote] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string>()

  async function raise() {
    setBusy(true)
    const problem = await session.raiseHand(note.trim())
    setBusy(false)
    setError(problem && say(problem))
    if (!problem) onOpenChange(false)
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      title={t('room.raise.title')}
      lead={t(sits ? 'room.raise.leadMuted' : 'room.raise.lead')}
      actions={
        <Button look="primary" large full busy={busy} onClick={() => void raise()}>
          {t('room.bar.raise')}
        </Button>
      }
    >
      <TextField
        label={t('room.raise.note')}
        value={note}
        maxLength={limits.handNoteMost}
        error={error}
        onChange={(event) => setNote(event.target.value)}
      />
    </Sheet>
  )
}

/** A host asks this person to speak. */
export function Invitation({ room, onAccept }: { room: Room; onAccept(): void }) {
  const { t } = useTranslation()
  const tell = useSay()
  const [closed, setClosed] = useState(false)
  const invited = room.invited === true
  useEffect(() => {
    if (!invited) setClosed(false)
  }, [invited])
  const decline = async () => {
    setClosed(true)
    tell(await session.answerInvitation(false))
  }
  return (
    <Sheet
      open={invited && !closed}
      onOpenChange={(open) => !open && void decline()}
      alert
      title={t('room.invite.title')}
      lead={t('room.invite.lead')}
      actions={
        <>
          <Button
            look="primary"
            large
            full
            onClick={() => {
              setClosed(true)
              onAccept()
            }}
          >
            {t('room.invite.go')}
          </Button>
          <Button look="quiet" large full onClick={() => void decline()}>
            {t('room.invite.later')}
          </Button>
        </>
      }
    />
  )
}

/** That a hand is up, beside a name. */
export function HandMark() {
  return (
    <span className={styles.mark}>
      <Icon of={HandIcon} size={16} />
    </span>
  )
}
