import { Link, useNavigate } from '@tanstack/react-router'
import { HeartOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { api, type Match, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  About,
  ClipChip,
  Facts,
  moodOf,
  Portrait,
  Resident,
  SafetyMenu,
  useWords,
} from '../../people'
import { matches } from '../../realtime/matches'
import {
  Button,
  buttonClass,
  EmptyState,
  Page,
  type Parts,
  Quiet,
  Sheet,
  Skeleton,
  Trouble,
  toast,
  useDesk,
  useStore,
} from '../../ui'
import { clips } from '../../voice/clips'
import styles from './Chats.module.css'
import { revealState } from './opening'
import { Reveal } from './Reveal'

/** Two people who like each other. */
export function ChatPage({
  person,
  call,
}: {
  person: string
  /** The button that rings them. */
  call(person: Match['person']): Parts
}) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const { status, matches: all } = useStore(matches)
  const match = all.find((m) => m.person.id === person)
  const back = () => void navigate({ to: '/chats' })

  useEffect(() => () => clips.stop(), [])
  useEffect(() => {
    if (match) matches.look()
  }, [match])

  if (match) return <Known match={match} call={call(match.person)} onBack={back} />
  if (status === 'loading') {
    return (
      <Page title={<Skeleton width="8rem" />} onBack={back}>
        <div aria-busy="true">
          <p className="only-heard">{t('chats.loading')}</p>
          <Skeleton height="16rem" />
        </div>
      </Page>
    )
  }
  const lost = status !== 'ready'
  return (
    <Page title={t(lost ? 'chats.error.title' : 'chats.gone.title')} onBack={back}>
      <EmptyState
        title={t(lost ? 'chats.error.text' : 'chats.gone.text')}
        art={<Quiet seed="chat-gone" size={220} />}
        action={
          lost ? (
            <Button look="primary" onClick={() => void matches.retry()}>
              {t('common.retry')}
            </Button>
          ) : (
            <Link to="/chats" data-primary="" className={buttonClass({ look: 'primary' })}>
              {t('chats.gone.go')}
            </Link>
          )
        }
      />
    </Page>
  )
}

function Known({ match, call, onBack }: { match: Match; call: Parts; onBack(): void }) {
  const { t } = useTranslation()
  const words = useWords()
  const desk = useDesk()
  const { person } = match
  const [ending, setEnding] = useState(false)
  const name = isolate(person.name)
  const more = person.clips.filter((clip) => clip.place > 0)

  async function renew(place: number): Promise<string | undefined> {
    await matches.refresh()
    const now = matches.get().matches.find((m) => m.person.id === person.id)
    return now?.person.clips.find((clip) => clip.place === place)?.url
  }

  // What waits for an answer comes first.
  const asked = revealState(match.reveal) !== 'none'
  const soon = (
    <section className={styles.soon}>
      <h2>{t('chats.soon.title')}</h2>
      <p>{t('chats.soon.text', { name })}</p>
      {!person.resident && call}
      <Link to="/" className={buttonClass({})}>
        {t('chats.soon.room')}
      </Link>
    </section>
  )
  const voices = (
    <div className={styles.more} {...moodOf(person)}>
      {person.resident && <Resident />}
      {more.length > 0 && (
        <ul className={styles.clips} aria-label={t('people.moreClips')}>
          {more.map((clip) => (
            <li key={clip.place}>
              <ClipChip clip={clip} renew={renew} />
            </li>
          ))}
        </ul>
      )}
      <About person={person} intents={match.intents} />
      <Button look="plain" icon={HeartOff} className={styles.end} onClick={() => setEnding(true)}>
        {t('chats.end.open')}
      </Button>
    </div>
  )

  return (
    <div className={styles.chat} {...moodOf(person)}>
      <Page
        title={
          <>
            <bdi>{person.name}</bdi>
            <span className="numbers">{`, ${match.age}`}</span>
          </>
        }
        lead={t('chats.since', { day: words.day(match.at) })}
        onBack={onBack}
        aside={<SafetyMenu person={person} place="match" />}
        side={desk ? voices : undefined}
      >
        <div className={styles.light}>
          <Portrait person={person} size={260} renew={renew} />
        </div>
        <Facts person={person} region={match.region} />
        {asked ? (
          <>
            <Reveal match={match} />
            {soon}
          </>
        ) : (
          <>
            {soon}
            <Reveal match={match} />
          </>
        )}
        {!desk && voices}
      </Page>
      <End match={match} open={ending} onOpenChange={setEnding} onEnded={onBack} />
    </div>
  )
}

/** Asks once: it cannot be taken back. */
function End({
  match,
  open,
  onOpenChange,
  onEnded,
}: {
  match: Match
  open: boolean
  onOpenChange(open: boolean): void
  onEnded(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const name = isolate(match.person.name)

  async function go() {
    setBusy(true)
    setProblem(undefined)
    try {
      await api.DELETE('/api/matches/{person}', { params: { path: { person: match.person.id } } })
    } catch (thrown) {
      const refused = Problem.of(thrown)
      // Ended already, from the other side: what we asked for.
      if (refused.status !== 404) {
        setProblem(refused)
        setBusy(false)
        return
      }
    }
    onOpenChange(false)
    onEnded()
    matches.drop(match.person.id)
    toast({ text: t('chats.end.done') })
  }

  return (
    <Sheet
      open={open}
      onOpenChange={onOpenChange}
      alert
      title={t('chats.end.title', { name })}
      lead={t('chats.end.lead', { name })}
      actions={
        <>
          <Trouble>{problem && say(problem)}</Trouble>
          <Button look="danger" large full busy={busy} onClick={() => void go()}>
            {t('chats.end.go')}
          </Button>
          <Button large full onClick={() => onOpenChange(false)}>
            {t('chats.end.stay')}
          </Button>
        </>
      }
    />
  )
}
