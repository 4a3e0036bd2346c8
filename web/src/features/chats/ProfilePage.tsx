import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from '../../i18n'
import { moodOf, SafetyMenu, useWords } from '../../people'
import { Page } from '../../ui'
import styles from './Chats.module.css'
import { Profile } from './Profile'
import { type Partner, WithPartner } from './WithPartner'

/** The other person of a conversation, on a phone. */
export function ProfilePage({ person }: { person: string }) {
  return <WithPartner person={person}>{(partner) => <Known partner={partner} />}</WithPartner>
}

function Known({ partner }: { partner: Partner }) {
  const { t } = useTranslation()
  const words = useWords()
  const navigate = useNavigate()
  const { person, match } = partner
  return (
    <div className={styles.lit} {...moodOf(person)}>
      <Page
        title={<NameAndAge of={partner} />}
        lead={match && t('chats.since', { day: words.day(match.at) })}
        onBack={() => void navigate({ to: '/chats/$person', params: { person: person.id } })}
        aside={<SafetyMenu person={person} place={match ? 'match' : 'profile'} />}
      >
        <Profile partner={partner} onEnded={() => void navigate({ to: '/chats' })} />
      </Page>
    </div>
  )
}

export function NameAndAge({ of: { person, match } }: { of: Partner }) {
  return (
    <>
      <bdi>{person.name}</bdi>
      {match && <span className="numbers">{`, ${match.age}`}</span>}
    </>
  )
}
