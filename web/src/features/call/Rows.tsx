import { ChevronRight, Moon, PhoneMissed, ShieldCheck } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import type { Me, Person, QueueStatus } from '../../api'
import { isolate, locale, useTranslation } from '../../i18n'
import { spokenName } from '../../i18n/languages'
import { useWords } from '../../people'
import { listed } from '../../people/words'
import { matches } from '../../realtime/matches'
import { AuraStill, Icon, useStore } from '../../ui'
import type { Tonight } from '../../voice/call-state'
import { calls } from '../../voice/calls'
import { CallButton } from './CallButton'
import styles from './Rows.module.css'

/** What a row is about, and a smaller line that says more. */
export function RowWords({ children }: { children: ReactNode }) {
  return <span className={styles.words}>{children}</span>
}

/** A call that still waits for a heart or a pass. */
export function Owed({ queue }: { queue: QueueStatus }) {
  const { t } = useTranslation()
  const { call } = queue
  if (call?.state !== 'ended' || call.choice || call.choose_by === undefined) return null
  return (
    <button type="button" className={styles.row} onClick={() => calls.recall()}>
      <AuraStill person={call.person} size={36} />
      <RowWords>
        <span>{t('call.owed', { name: isolate(call.person.name) })}</span>
        <small>{t('call.owedLead')}</small>
      </RowWords>
      <Icon of={ChevronRight} size={20} />
    </button>
  )
}

export function Missed({ queue }: { queue: QueueStatus }) {
  const { t } = useTranslation()
  const { matches: known } = useStore(matches)
  useEffect(() => matches.start(), [])
  const when = new Intl.DateTimeFormat(locale(), {
    weekday: 'long',
    hour: 'numeric',
    minute: 'numeric',
  })
  const calledBy = queue.missed.flatMap(({ person_id, at }) => {
    const person: Person | undefined = known.find((m) => m.person.id === person_id)?.person
    return person ? [{ person, at }] : []
  })
  if (calledBy.length === 0) return null
  return (
    <section aria-labelledby="call-missed">
      <h2 id="call-missed" className={styles.small}>
        <Icon of={PhoneMissed} size={20} />
        <span>{t('call.missed.title')}</span>
      </h2>
      <ul>
        {calledBy.slice(0, 3).map(({ person, at }) => (
          <li key={person.id} className={styles.row}>
            <AuraStill person={person} size={36} />
            <RowWords>
              <bdi>{person.name}</bdi>
              <small className="numbers">{when.format(at)}</small>
            </RowWords>
            <CallButton person={person} onCalling={() => {}} back />
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Preferences({
  me,
  queue,
  tonight,
  onTonight,
  onPrivacy,
}: {
  me: Me
  queue: QueueStatus
  tonight: Tonight
  onTonight(): void
  onPrivacy(): void
}) {
  const { t } = useTranslation()
  const words = useWords()
  const parts = [
    ...(tonight.intents.length > 0 ? tonight.intents : me.intents).map(words.intentTitle),
    ...tonight.languages.map((code) => spokenName(code)),
  ]
  return (
    <div className={styles.rows}>
      <button type="button" className={styles.row} onClick={onTonight}>
        <Icon of={Moon} />
        <RowWords>
          <span>{t('call.tonight.title')}</span>
          <small>{parts.length > 0 ? listed(parts) : t('call.tonight.profile')}</small>
        </RowWords>
        <Icon of={ChevronRight} size={20} />
      </button>
      <button type="button" className={styles.row} onClick={onPrivacy}>
        <Icon of={ShieldCheck} />
        <RowWords>
          <span>{t('call.privacy.title')}</span>
          <small>{t(`call.privacy.${queue.call_privacy}.title`)}</small>
        </RowWords>
        <Icon of={ChevronRight} size={20} />
      </button>
    </div>
  )
}
