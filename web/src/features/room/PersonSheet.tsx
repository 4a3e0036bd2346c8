import { CornerDownLeft, RotateCcw, UserX } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Member, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, onBlocked, PersonView, Resident, SafetyMenu } from '../../people'
import { Button, Sheet, toast } from '../../ui'
import { level } from '../../voice/levels'
import { player } from '../../voice/player'
import { session } from '../../voice/session'
import styles from './PersonSheet.module.css'

/** Who this is: their aura, what they like, their intro; for the host, what a host may do. */
export function PersonSheet({
  open,
  onOpenChange,
  id,
  member,
  you,
  room,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  /** Whom it is about. */
  id: string | undefined
  /** Undefined once they have left. The sheet stays: whoever left may have to be reported, or removed. */
  member: Member | undefined
  you: Member
  room: string
}) {
  const [last, setLast] = useState(member)
  if (member && member !== last) setLast(member)
  const shown = member ?? (last?.person.id === id ? gone(last) : undefined)

  useEffect(() => {
    if (open && !shown) onOpenChange(false)
  }, [open, shown, onOpenChange])

  if (!shown) return null
  return <Known open={open} onOpenChange={onOpenChange} member={shown} you={you} room={room} />
}

function gone(member: Member | undefined): Member | undefined {
  if (!member) return undefined
  const { seat: _, ...rest } = member
  return { ...rest, present: false }
}

function Known({
  open,
  onOpenChange,
  member,
  you,
  room,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  member: Member
  you: Member
  room: string
}) {
  const { t } = useTranslation()
  const { person } = member
  const self = person.id === you.person.id
  const place = !member.present
    ? t('room.card.left')
    : member.role === 'host'
      ? t('room.card.host')
      : member.seat !== undefined
        ? t('room.card.onSeat', { seat: member.seat })
        : t('room.card.inAudience')

  // Blocked or reported from here: they are shown no more.
  useEffect(
    () =>
      onBlocked((id) => {
        if (id === person.id) onOpenChange(false)
      }),
    [person.id, onOpenChange],
  )
  useEffect(() => () => player.stop(), [])

  return (
    <Sheet open={open} onOpenChange={onOpenChange} title={<bdi>{person.name}</bdi>} lead={place}>
      <div className={styles.person} {...moodOf(person)}>
        <PersonView person={person} level={() => level(person.id)} />
        {person.resident && <Resident />}
        {!self && (
          <div className={styles.safety}>
            <SafetyMenu person={person} place={`room:${room}`} />
          </div>
        )}
      </div>
      {you.role === 'host' && !self && (
        <HostTools member={member} onDone={() => onOpenChange(false)} />
      )}
    </Sheet>
  )
}

function HostTools({ member, onDone }: { member: Member; onDone(): void }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const { id } = member.person
  const name = isolate(member.person.name)

  async function run(
    command: Promise<Problem | undefined>,
    said: 'movedBack' | 'letSit' | 'removed',
  ) {
    setBusy(true)
    const problem = await command
    setBusy(false)
    toast({
      text: problem
        ? t('room.refused', { reason: say(problem) })
        : t(`room.card.done.${said}`, { name }),
    })
    if (!problem) onDone()
  }

  if (asking) {
    return (
      <section className={styles.tools} aria-label={t('room.card.hostTools')}>
        <h3>{t('room.card.removeTitle', { name })}</h3>
        <p>{t('room.card.removeLead')}</p>
        <div className={styles.ask}>
          <Button look="danger" busy={busy} onClick={() => void run(session.remove(id), 'removed')}>
            {t('room.card.removeGo')}
          </Button>
          <Button look="quiet" onClick={() => setAsking(false)}>
            {t('common.cancel')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <section className={styles.tools} aria-label={t('room.card.hostTools')}>
      {member.seat !== undefined && (
        <Button
          look="quiet"
          full
          icon={CornerDownLeft}
          busy={busy}
          meant={id}
          onClick={() => void run(session.moveToAudience(id), 'movedBack')}
        >
          {t('room.card.moveBack')}
        </Button>
      )}
      {member.present && !member.can_speak && (
        <Button
          look="quiet"
          full
          icon={RotateCcw}
          busy={busy}
          meant={id}
          onClick={() => void run(session.allowToSpeak(id), 'letSit')}
        >
          {t('room.card.letSit')}
        </Button>
      )}
      <Button
        look="quiet"
        full
        icon={UserX}
        className={styles.grave}
        onClick={() => setAsking(true)}
      >
        {t('room.card.remove')}
      </Button>
    </section>
  )
}
