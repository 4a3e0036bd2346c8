import type { TFunction } from 'i18next'
import { MicOff, Plus, Star } from 'lucide-react'
import type { Member } from '../../api'
import { useTranslation } from '../../i18n'
import { Aura, Icon, useDesk } from '../../ui'
import { level } from '../../voice/levels'
import { inRows, type Stage } from './model'
import styles from './Seats.module.css'

/** CSS pixels of an aura's box; its shape at rest fills about two thirds. */
const sizes = { phone: { host: 196, seat: 124 }, desk: { host: 232, seat: 148 } }

/** The queue: the host like a hearth, the seats around it. */
export function Seats({
  stage,
  you,
  onPerson,
  onSeat,
}: {
  stage: Stage
  you: Member
  onPerson(id: string): void
  onSeat(seat: number): void
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
            {row.map(({ number, member }) => (
              <li key={number} className={styles.seat}>
                {member ? (
                  <Taken member={member} you={you} size={size.seat} onPerson={onPerson} />
                ) : (
                  <button
                    type="button"
                    className={styles.free}
                    disabled={!canSpeak}
                    aria-label={
                      canSpeak
                        ? t('room.seat.take', { seat: number })
                        : t('room.seat.free', { seat: number })
                    }
                    onClick={() => onSeat(number)}
                  >
                    <span>{canSpeak && <Icon of={Plus} size={20} />}</span>
                  </button>
                )}
              </li>
            ))}
          </ul>
        ))}
      </div>
    </section>
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
  const host = member.role === 'host'
  return (
    <button
      type="button"
      className={styles.taken}
      aria-label={personName(t, member, you)}
      onClick={() => onPerson(person.id)}
      data-muted={member.muted || undefined}
    >
      <span className={styles.light}>
        <Aura person={person} size={size} level={() => level(person.id)} />
      </span>
      <span className={styles.label}>
        {host && (
          <span className={styles.badge}>
            <Icon of={Star} size={16} />
          </span>
        )}
        <bdi className="cut">{mine ? t('room.you') : person.name}</bdi>
        {member.muted && (
          <span className={styles.muted}>
            <Icon of={MicOff} size={16} />
          </span>
        )}
      </span>
    </button>
  )
}

type Translate = TFunction

/** "Nora, host, muted": what a person's button is called. */
export function personName(t: Translate, member: Member, you: Member): string {
  const said = (yes: boolean) => (yes ? 'yes' : 'no')
  return t('room.person.name', {
    name: member.person.name,
    you: said(member.person.id === you.person.id),
    host: said(member.role === 'host'),
    muted: said(member.seat !== undefined && member.muted),
  })
}
