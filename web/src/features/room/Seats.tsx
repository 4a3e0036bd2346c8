import type { TFunction } from 'i18next'
import { Lock, LockOpen, MicOff, Plus, Sparkles, Star, StarHalf, VolumeX } from 'lucide-react'
import type { Member } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { Aura, Icon, useDesk, useStore } from '../../ui'
import { level } from '../../voice/levels'
import { volumeOf, volumes } from '../../voice/volumes'
import { HandMark } from './Hands'
import { inRows, leads, type Stage } from './model'
import styles from './Seats.module.css'

/** CSS pixels of an aura's box; its shape at rest fills about two thirds. */
const sizes = { phone: { host: 196, seat: 124 }, desk: { host: 232, seat: 148 } }

/** The queue: the host like a hearth, the seats around it. */
export function Seats({
  stage,
  you,
  onPerson,
  onSeat,
  onLock,
}: {
  stage: Stage
  you: Member
  onPerson(id: string): void
  onSeat(seat: number): void
  /** Keeps a free seat for hosts, or opens it again. */
  onLock(seat: number, locked: boolean): void
}) {
  const { t } = useTranslation()
  const size = sizes[useDesk() ? 'desk' : 'phone']
  const canSpeak = you.can_speak && you.seat === undefined
  return (
    <section className={styles.stage} aria-label={t('room.seats')}>
      {stage.host && (
        <div className={styles.host}>
          <Taken member={stage.host} you={you} size={size.host} onPerson={onPerson} />
        </div>
      )}
      <div className={styles.seats}>
        {inRows(stage.seats).map((row) => (
          <ul key={row[0]?.number} className={styles.row}>
            {row.map(({ number, member, locked }) => (
              <li key={number} className={styles.seat}>
                {member ? (
                  <Taken member={member} you={you} size={size.seat} onPerson={onPerson} />
                ) : leads(you) && you.seat !== undefined ? (
                  <button
                    type="button"
                    className={styles.free}
                    aria-label={t(locked ? 'room.seat.unlock' : 'room.seat.lock', { seat: number })}
                    onClick={() => onLock(number, !locked)}
                  >
                    <span>
                      <Icon of={locked ? Lock : LockOpen} size={20} />
                    </span>
                  </button>
                ) : (
                  <Free
                    seat={number}
                    locked={locked}
                    takes={canSpeak && (!locked || leads(you))}
                    onSeat={onSeat}
                  />
                )}
              </li>
            ))}
          </ul>
        ))}
      </div>
    </section>
  )
}

function Free({
  seat,
  locked,
  takes,
  onSeat,
}: {
  seat: number
  locked: boolean
  takes: boolean
  onSeat(seat: number): void
}) {
  const { t } = useTranslation()
  const name = takes ? 'take' : locked ? 'locked' : 'free'
  return (
    <button
      type="button"
      className={styles.free}
      disabled={!takes}
      aria-label={t(`room.seat.${name}`, { seat })}
      onClick={() => onSeat(seat)}
    >
      <span>
        {takes ? <Icon of={Plus} size={20} /> : locked ? <Icon of={Lock} size={20} /> : null}
      </span>
    </button>
  )
}

function Taken({
  member,
  you,
  size,
  onPerson,
}: {
  member: Member
  you: Member
  size: number
  onPerson(id: string): void
}) {
  const { t } = useTranslation()
  const { person } = member
  const mine = person.id === you.person.id
  const unheard = volumeOf(person.id, useStore(volumes)) === 0 && !mine
  const name = personName(t, member, you)
  const fresh = isNew(member, you)
  return (
    <button
      type="button"
      className={styles.taken}
      aria-label={
        unheard ? `${name}. ${t('room.seat.unheard', { name: isolate(person.name) })}` : name
      }
      aria-description={fresh ? t('people.badge.newHere') : undefined}
      onClick={() => onPerson(person.id)}
      data-muted={member.muted || undefined}
      data-seat-of={person.id}
    >
      <span className={styles.light}>
        <Aura person={person} size={size} level={() => level(person.id)} />
      </span>
      <span className={styles.label}>
        <RoleBadge member={member} />
        {member.hand !== undefined && <HandMark />}
        {fresh && (
          <span className={styles.fresh}>
            <Icon of={Sparkles} size={16} />
          </span>
        )}
        <bdi className="cut">{mine ? t('room.you') : person.name}</bdi>
        {member.muted && (
          <span className={styles.muted}>
            <Icon of={MicOff} size={16} />
          </span>
        )}
        {unheard && (
          <span className={styles.muted}>
            <Icon of={VolumeX} size={16} />
          </span>
        )}
      </span>
    </button>
  )
}

/** A star for the host, half a one for a co-host, wherever they are. */
export function RoleBadge({ member }: { member: Member }) {
  const badge = member.role === 'host' ? Star : member.role === 'co_host' ? StarHalf : undefined
  return (
    badge && (
      <span className={styles.badge}>
        <Icon of={badge} size={16} />
      </span>
    )
  )
}

/** New here, to others: they may want to say hello. */
const isNew = ({ new_here, person }: Member, you: Member) =>
  new_here === true && person.id !== you.person.id

type Translate = TFunction

/** "Nora, host, muted": what a person's button is called. */
export function personName(t: Translate, member: Member, you: Member): string {
  const said = (yes: boolean) => (yes ? 'yes' : 'no')
  return t('room.person.name', {
    name: member.person.name,
    you: said(member.person.id === you.person.id),
    role: member.role,
    hand: said(member.hand !== undefined),
    muted: said(member.seat !== undefined && member.muted),
  })
}
