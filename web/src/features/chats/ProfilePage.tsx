import { useNavigate } from '@tanstack/react-router'
import type { Match } from '../../api'
import { useTranslation } from '../../i18n'
import { moodOf, SafetyMenu, useWords } from '../../people'
import { Page } from '../../ui'
import styles from './Chats.module.css'
import { Profile } from './Profile'
import { WithMatch } from './WithMatch'

/** The other person of a conversation, on a phone. */
export function ProfilePage({ person }: { person: string }) {
  return <WithMatch person={person}>{(match) => <Known match={match} />}</WithMatch>
}

function Known({ match }: { match: Match }) {
  const { t } = useTranslation()
  const words = useWords()
  const navigate = useNavigate()
  const { person } = match
  return (
    <div className={styles.lit} {...moodOf(person)}>
      <Page
        title={<NameAndAge match={match} />}
        lead={t('chats.since', { day: words.day(match.at) })}
        onBack={() => void navigate({ to: '/chats/$person', params: { person: person.id } })}
        aside={<SafetyMenu person={person} place="match" />}
      >
        <Profile match={match} onEnded={() => void navigate({ to: '/chats' })} />
      </Page>
    </div>
  )
}

export function NameAndAge({ match }: { match: Match }) {
  return (
    <>
      <bdi>{match.person.name}</bdi>
      <span className="numbers">{`, ${match.age}`}</span>
    </>
  )
}
