import { Link2 } from 'lucide-react'
import type { Member, Room } from '../../api'
import { useTranslation } from '../../i18n'
import { AuraStill, Button } from '../../ui'
import styles from './Audience.module.css'
import { HandMark } from './Hands'
import type { Stage } from './model'
import { personName, RoleBadge } from './Seats'
import { useCopyLink } from './useCopyLink'

/** Those who listen: faces side by side under the stage, or rows beside it on a desk. */
export function Audience({
  stage,
  you,
  room,
  onPerson,
  rows = false,
}: {
  stage: Stage
  you: Member
  room: Room
  onPerson(id: string): void
  rows?: boolean
}) {
  const { t } = useTranslation()
  const copy = useCopyLink(room.id, room.shared === true)
  const { audience, unnamed } = stage
  return (
    <section className={rows ? styles.rows : styles.faces}>
      <h2>
        <span>{`${t('room.audience.title')} `}</span>
        <span className="numbers">{audience.length + unnamed || null}</span>
      </h2>
      {audience.length === 0 && unnamed === 0 ? (
        <div className={styles.nobody}>
          <p>{t('room.audience.empty')}</p>
          <Button look="quiet" icon={Link2} onClick={() => void copy()}>
            {t('room.menu.copy')}
          </Button>
        </div>
      ) : (
        <ul>
          {audience.map((member) => (
            <li key={member.person.id}>
              <button
                type="button"
                className={styles.person}
                aria-label={personName(t, member, you)}
                onClick={() => onPerson(member.person.id)}
              >
                <AuraStill person={member.person} size={rows ? 40 : 52} />
                <RoleBadge member={member} />
                {member.hand !== undefined && <HandMark />}
                <bdi className="cut">
                  {member.person.id === you.person.id ? t('room.you') : member.person.name}
                </bdi>
              </button>
            </li>
          ))}
        </ul>
      )}
      {unnamed > 0 && <p className="numbers">{t('room.audience.others', { count: unnamed })}</p>}
    </section>
  )
}
