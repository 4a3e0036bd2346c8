import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Match } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { moodOf, useWords } from '../../people'
import { matches } from '../../realtime/matches'
import {
  AuraStill,
  Button,
  buttonClass,
  EmptyState,
  Page,
  Quiet,
  Skeleton,
  useStore,
} from '../../ui'
import styles from './Chats.module.css'
import { revealState } from './opening'

/** Everybody this person likes who likes them. */
export function ChatsPage() {
  const { t } = useTranslation()
  const say = useProblemText()
  const state = useStore(matches)
  const { status, matches: all, unseen } = state
  // What was new when it was first shown stays marked while the page is open.
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())

  useEffect(() => {
    if (status !== 'ready' || unseen === 0) return
    const news = all.slice(0, unseen).map((m) => m.person.id)
    setFresh((known) => new Set([...known, ...news]))
    matches.look()
  }, [status, all, unseen])

  const body = () => {
    if (all.length > 0) {
      return (
        <ul className={styles.rows}>
          {all.map((match) => (
            <Row key={match.person.id} match={match} fresh={fresh.has(match.person.id)} />
          ))}
        </ul>
      )
    }
    if (status === 'loading') return <Waiting />
    if (status !== 'ready') {
      return (
        <EmptyState
          title={status === 'offline' ? say({ code: 'offline' }) : t('chats.error.title')}
          art={<Quiet seed="chats-lost" size={220} />}
          action={
            <Button look="primary" onClick={() => void matches.retry()}>
              {t('common.retry')}
            </Button>
          }
        >
          {t('chats.error.text')}
        </EmptyState>
      )
    }
    return (
      <EmptyState
        title={t('chats.empty.title')}
        art={<Quiet seed="chats" size={260} />}
        action={
          <Link to="/discover" data-primary="" className={buttonClass({ look: 'primary' })}>
            {t('chats.empty.go')}
          </Link>
        }
      >
        {t('chats.empty.text')}
      </EmptyState>
    )
  }

  return <Page title={t('nav.chats')}>{body()}</Page>
}

function Row({ match, fresh }: { match: Match; fresh: boolean }) {
  const { t } = useTranslation()
  const words = useWords()
  const { person } = match
  const reveal = revealState(match.reveal)
  return (
    <li>
      <Link
        to="/chats/$person"
        params={{ person: person.id }}
        viewTransition
        className={styles.row}
        {...moodOf(person)}
      >
        <AuraStill person={person} size={68} />
        <span className={styles.words}>
          <span className={styles.name}>
            <bdi className="cut">{person.name}</bdi>
            {fresh && <span className={styles.fresh}>{t('chats.new')}</span>}
          </span>
          <span className={styles.said} data-lit={reveal !== 'none' || undefined}>
            {reveal === 'none'
              ? t('chats.since', { day: words.day(match.at) })
              : t(`chats.state.${reveal}`)}
          </span>
        </span>
      </Link>
    </li>
  )
}

function Waiting() {
  const { t } = useTranslation()
  return (
    <div aria-busy="true">
      <p className="only-heard">{t('chats.loading')}</p>
      <div className={styles.rows}>
        {['a', 'b', 'c'].map((key) => (
          <span key={key} className={styles.row}>
            <Skeleton width={56} height={56} round />
            <span className={styles.words}>
              <Skeleton width="40%" height="1.125rem" />
              <Skeleton width="65%" height="0.875rem" />
            </span>
          </span>
        ))}
      </div>
    </div>
  )
}
