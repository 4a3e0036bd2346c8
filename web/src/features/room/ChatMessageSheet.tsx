import { Copy, MessageCircleOff, Trash2, User } from 'lucide-react'
import { useState } from 'react'
import type { Member, Problem, Room } from '../../api'
import type { RoomMessage } from '../../api/types'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { SafetyMenu } from '../../people'
import { Button, Sheet, toast } from '../../ui'
import { session } from '../../voice/session'
import styles from './Chat.module.css'
import { leads } from './model'

/** What can be done with one message, and with who wrote it. */
export function MessageSheet({
  message,
  room,
  you,
  onClose,
  onRemove,
  onPerson,
}: {
  message: RoomMessage
  room: Room
  you: Member
  onClose(): void
  onRemove(message: RoomMessage): Promise<Problem | undefined>
  onPerson(id: string): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const { person, text } = message
  const mine = person.id === you.person.id
  const author = room.members.find((m) => m.person.id === person.id)
  const host = person.id === room.host.id
  const rules = leads(you) && (!host || you.role === 'host')
  const name = isolate(person.name)

  async function run(act: Promise<Problem | undefined>, done?: string) {
    setBusy(true)
    const problem = await act
    setBusy(false)
    if (problem) toast({ text: say(problem) })
    else if (done) toast({ text: done })
    if (!problem) onClose()
  }

  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={<bdi>{mine ? t('room.you') : person.name}</bdi>}
      lead={<bdi className={styles.cited}>{text}</bdi>}
    >
      <div className={styles.ways}>
        {'clipboard' in navigator && (
          <Button
            look="quiet"
            full
            icon={Copy}
            onClick={() => {
              onClose()
              navigator.clipboard.writeText(text).then(
                () => toast({ text: t('chats.message.copied') }),
                () => toast({ text: t('chats.message.notCopied') }),
              )
            }}
          >
            {t('chats.message.copy')}
          </Button>
        )}
        {!mine && author && (
          <Button
            look="quiet"
            full
            icon={User}
            onClick={() => {
              onClose()
              onPerson(person.id)
            }}
          >
            {t('room.chat.profile')}
          </Button>
        )}
        {!mine && rules && author?.present && !author.chat_muted && (
          <Button
            look="quiet"
            full
            icon={MessageCircleOff}
            busy={busy}
            onClick={() =>
              void run(
                session.host('mute-chat', person.id),
                t('room.card.done.chatMuted', { name }),
              )
            }
          >
            {t('room.card.muteChat')}
          </Button>
        )}
        {(mine || rules) && (
          <Button
            look="quiet"
            full
            icon={Trash2}
            className={styles.grave}
            busy={busy}
            onClick={() => void run(onRemove(message))}
          >
            {t('room.chat.delete')}
          </Button>
        )}
        {!mine && (
          <div className={styles.safety}>
            <SafetyMenu person={person} place={`room:${room.id}`} />
          </div>
        )}
      </div>
    </Sheet>
  )
}
