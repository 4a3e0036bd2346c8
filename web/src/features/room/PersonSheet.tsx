import {
  CornerDownLeft,
  Hand,
  type LucideIcon,
  MessageCircle,
  MessageCircleOff,
  Mic,
  MicOff,
  RotateCcw,
  Star,
  StarHalf,
  StarOff,
  UserX,
} from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { Member } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, onBlocked, PersonView, Resident, SafetyMenu } from '../../people'
import { Button, Sheet, toast } from '../../ui'
import { level } from '../../voice/levels'
import { player } from '../../voice/player'
import { type HostAction, session } from '../../voice/session'
import { leads } from './model'
import styles from './PersonSheet.module.css'
import { PersonVolume } from './PersonVolume'
import { TalkPrivately } from './TalkPrivately'

/** Who this is: their aura, what they like, their intro; for the host, what a host may do. */
export function PersonSheet({
  open,
  onOpenChange,
  id,
  member,
  you,
  room,
  audience,
  cards,
  crowded = false,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  /** Whom it is about. */
  id: string | undefined
  /** Undefined once they have left. The sheet stays: whoever left may have to be reported, or removed. */
  member: Member | undefined
  you: Member
  room: string
  /** Whether somebody may be here only to listen. */
  audience: boolean
  /** Whether cards can be exchanged here. */
  cards: boolean
  /** Whether the listeners are too many to be known. */
  crowded?: boolean | undefined
}) {
  const [last, setLast] = useState(member)
  if (member && member !== last) setLast(member)
  const shown = member ?? (last?.person.id === id ? gone(last) : undefined)

  useEffect(() => {
    if (open && !shown) onOpenChange(false)
  }, [open, shown, onOpenChange])

  if (!shown) return null
  const known = { open, onOpenChange, you, room, audience, cards, crowded }
  return <Known {...known} member={shown} />
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
  audience,
  cards,
  crowded,
}: {
  open: boolean
  onOpenChange(open: boolean): void
  member: Member
  you: Member
  room: string
  audience: boolean
  cards: boolean
  crowded: boolean
}) {
  const { t } = useTranslation()
  const { person } = member
  const self = person.id === you.person.id
  const place = !member.present
    ? t('room.card.left')
    : member.role === 'host'
      ? t('room.card.host')
      : member.role === 'co_host'
        ? t('room.card.coHost')
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
        <PersonView person={person} level={() => level(person.id)} cards={cards} />
        {person.resident && <Resident />}
        {!self && canBeOffered(member, crowded) && (
          <TalkPrivately person={person} onOffered={() => onOpenChange(false)} />
        )}
        {!self && <PersonVolume id={person.id} />}
        {!self && (
          <div className={styles.safety}>
            <SafetyMenu person={person} place={`room:${room}`} />
          </div>
        )}
      </div>
      {leads(you) && !self && member.role !== 'host' && (
        <HostTools
          member={member}
          host={you.role === 'host'}
          audience={audience}
          onDone={() => onOpenChange(false)}
        />
      )}
    </Sheet>
  )
}

/** Whether a ring may reach them: residents of a room answer none, and in a crowd who only listens is not found. */
const canBeOffered = ({ person, present, seat, hand }: Member, crowded: boolean) =>
  present && !person.resident && (!crowded || seat !== undefined || hand !== undefined)

/** What can be done to somebody now, and what is said when it was. */
function toolsFor(member: Member, host: boolean, audience: boolean): Tool[] {
  const { present, hand } = member
  const seated = member.seat !== undefined
  const coHost = member.role === 'co_host'
  const tools: (Tool | false)[] = [
    present && !seated && { action: 'invite', word: 'invite', done: 'invited', icon: Mic },
    present &&
      hand !== undefined && {
        action: 'lower-hand',
        word: 'lowerHand',
        done: 'handLowered',
        icon: Hand,
      },
    seated &&
      !member.muted_by_host && { action: 'mute', word: 'mute', done: 'muted', icon: MicOff },
    present &&
      member.muted_by_host === true && {
        action: 'allow-to-unmute',
        word: 'letUnmute',
        done: 'mayUnmute',
        icon: Mic,
      },
    present &&
      (member.chat_muted
        ? { action: 'allow-to-write', word: 'letWrite', done: 'mayWrite', icon: MessageCircle }
        : { action: 'mute-chat', word: 'muteChat', done: 'chatMuted', icon: MessageCircleOff }),
    seated &&
      audience && {
        action: 'move-to-audience',
        word: 'moveBack',
        done: 'movedBack',
        icon: CornerDownLeft,
      },
    present &&
      !member.can_speak && {
        action: 'allow-to-speak',
        word: 'letSit',
        done: 'letSit',
        icon: RotateCcw,
      },
    host &&
      present &&
      !coHost && { action: 'make-co-host', word: 'makeCoHost', done: 'coHost', icon: StarHalf },
    host &&
      coHost && {
        action: 'unmake-co-host',
        word: 'unmakeCoHost',
        done: 'noCoHost',
        icon: StarOff,
      },
  ]
  return tools.filter((tool) => tool !== false)
}

interface Tool {
  action: HostAction
  word:
    | 'invite'
    | 'lowerHand'
    | 'mute'
    | 'letUnmute'
    | 'muteChat'
    | 'letWrite'
    | 'moveBack'
    | 'letSit'
    | 'makeCoHost'
    | 'unmakeCoHost'
  done:
    | 'invited'
    | 'handLowered'
    | 'muted'
    | 'mayUnmute'
    | 'chatMuted'
    | 'mayWrite'
    | 'movedBack'
    | 'letSit'
    | 'coHost'
    | 'noCoHost'
  icon: LucideIcon
}

function HostTools({
  member,
  host,
  audience,
  onDone,
}: {
  member: Member
  host: boolean
  audience: boolean
  onDone(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [asking, setAsking] = useState<'remove' | 'handOver'>()
  const [busy, setBusy] = useState(false)
  const tools = useRef<HTMLElement>(null)
  const asked = useRef<typeof asking>(undefined)
  const { id } = member.person
  const name = isolate(member.person.name)

  // The question is long, and the sheet may end above it; a question taken back leads to its button.
  useEffect(() => {
    const before = asked.current
    asked.current = asking
    const way = asking
      ? tools.current
      : before && tools.current?.querySelector<HTMLElement>(`[data-asks="${before}"]`)
    if (!way) return
    way.focus({ preventScroll: true })
    way.scrollIntoView({ block: asking ? 'start' : 'nearest' })
  }, [asking])

  async function run(action: HostAction, done: Tool['done'] | 'removed' | 'banned' | 'handedOver') {
    setBusy(true)
    const problem = await session.host(action, id)
    setBusy(false)
    toast({ text: problem ? say(problem) : t(`room.card.done.${done}`, { name }) })
    if (!problem) onDone()
  }

  if (asking) {
    const go = () =>
      asking === 'remove' ? run('remove', 'removed') : run('hand-over', 'handedOver')
    return (
      <section
        ref={tools}
        className={styles.tools}
        tabIndex={-1}
        aria-labelledby="host-asks"
        aria-describedby="host-asks-lead"
      >
        <h3 id="host-asks">{t(`room.card.${asking}Title`, { name })}</h3>
        <p id="host-asks-lead">
          {t(
            asking === 'remove' && !member.present
              ? 'room.card.removeLeadLeft'
              : `room.card.${asking}Lead`,
          )}
        </p>
        <div className={styles.ask}>
          <Button
            look={asking === 'remove' ? 'danger' : 'primary'}
            busy={busy}
            onClick={() => void go()}
          >
            {t(`room.card.${asking}Go`)}
          </Button>
          {asking === 'remove' && (
            <Button look="danger" busy={busy} onClick={() => void run('ban', 'banned')}>
              {t('room.card.banGo')}
            </Button>
          )}
          <Button look="quiet" onClick={() => setAsking(undefined)}>
            {t('common.cancel')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <section ref={tools} className={styles.tools} aria-label={t('room.card.hostTools')}>
      {toolsFor(member, host, audience).map(({ action, word, done, icon }) => (
        <Button
          key={action}
          look="quiet"
          full
          icon={icon}
          busy={busy}
          meant={id}
          onClick={() => void run(action, done)}
        >
          {t(`room.card.${word}`)}
        </Button>
      ))}
      {host && member.present && (
        <Button
          look="quiet"
          full
          icon={Star}
          data-asks="handOver"
          onClick={() => setAsking('handOver')}
        >
          {t('room.card.handOver')}
        </Button>
      )}
      <Button
        look="quiet"
        full
        icon={UserX}
        className={styles.grave}
        data-asks="remove"
        onClick={() => setAsking('remove')}
      >
        {t('room.card.remove')}
      </Button>
    </section>
  )
}
