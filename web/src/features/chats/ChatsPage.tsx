import { Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { Chat, Match, Person } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { shortTime } from '../../i18n/times'
import { limits } from '../../i18n/vocabulary.gen'
import {
  AuraWithPresence,
  clock,
  LivePeople,
  moodOf,
  SearchField,
  thinned,
  useWords,
} from '../../people'
import { chats } from '../../realtime/chats'
import { matches } from '../../realtime/matches'
import { outgoing } from '../../realtime/outgoing'
import { type Draft, type Outgoing, outgoingTo } from '../../realtime/queue'
import { requests } from '../../realtime/requests'
import {
  AuraStill,
  Button,
  buttonClass,
  EmptyState,
  Icon,
  Page,
  type Parts,
  Quiet,
  Skeleton,
  useStore,
} from '../../ui'
import styles from './Chats.module.css'
import { revealState } from './opening'
import { Results, throughResults } from './Results'
import results from './Results.module.css'
import { useSearch } from './useSearch'
import { useSaid } from './voices'

interface Known {
  person: Person
  at: number
  chat?: Chat
  match?: Match
  /** The last thing that this person has sent and that has not arrived. */
  going?: Outgoing
}

/** One for each person, whichever list has them first. */
function everybody(talks: readonly Chat[], matched: readonly Match[]): Known[] {
  const known = new Map<string, Known>()
  for (const chat of talks) {
    known.set(chat.person.id, { person: chat.person, at: chat.at, chat })
  }
  for (const match of matched) {
    const { person, at } = match
    known.set(person.id, { person, at, ...known.get(person.id), match })
  }
  return [...known.values()]
}

/** The list of chats, each with its last message, and the search in all of them. */
export function ChatsPage({
  query = '',
  onQuery,
  rail,
}: {
  /** The query of the search before. */
  query?: string | undefined
  onQuery(text: string): void
  /** The moments, above everything else. */
  rail?: Parts
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const matched = useStore(matches)
  const talks = useStore(chats)
  const queue = useStore(outgoing)
  const [text, setText] = useState(query)
  const search = useSearch(text)
  // What was new when it was first shown stays marked while the page is open.
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set())
  const { status, unseen, matches: all } = matched

  useEffect(() => {
    if (status !== 'ready' || unseen === 0) return
    const news = all.slice(0, unseen).map((m) => m.person.id)
    setFresh((known) => new Set([...known, ...news]))
    matches.look()
  }, [status, all, unseen])

  // A request without a word is none yet.
  const begun = talks.chats.filter(
    ({ asked, last, person }) =>
      asked !== 'mine' ||
      last !== undefined ||
      queue.drafts.has(person.id) ||
      outgoingTo(queue, person.id).length > 0,
  )
  const rows = everybody(begun, all)
    .map((one): Known => {
      const going = outgoingTo(queue, one.person.id).at(-1)
      return going ? { ...one, going, at: Math.max(one.at, going.at) } : one
    })
    .sort((a, b) => b.at - a.at)
  const statuses = [talks.status, status]

  const body = () => {
    // Without what was said last a list would be another one in a moment.
    const waits = talks.status === 'loading' && talks.chats.length === 0
    if (rows.length > 0 && !waits) {
      return (
        <ul className={styles.rows}>
          {rows.map((one) => (
            <Row
              key={one.person.id}
              known={one}
              fresh={fresh.has(one.person.id)}
              typing={talks.typing.has(one.person.id)}
              draft={queue.drafts.get(one.person.id)}
            />
          ))}
        </ul>
      )
    }
    if (statuses.includes('loading')) return <Waiting />
    if (statuses.some((one) => one !== 'ready')) {
      return (
        <EmptyState
          title={statuses.includes('offline') ? say({ code: 'offline' }) : t('chats.error.title')}
          art={<Quiet seed="chats-lost" size={220} />}
          action={
            <Button
              look="primary"
              onClick={() => {
                void matches.retry()
                void chats.retry()
              }}
            >
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

  const searches = text.trim() !== '' && search.query !== ''
  return (
    <Page title={t('nav.chats')}>
      {!searches && rail}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys of what is inside. */}
      <div className={results.search} onKeyDown={throughResults}>
        {(rows.length > 0 || text !== '') && (
          <SearchField
            label={t('chats.search.label')}
            value={text}
            onChange={(value) => {
              setText(value)
              onQuery(value)
            }}
            maxLength={limits.queryMost}
            {...(searches && search.status === 'ready' ? { count: search.found.length } : {})}
          />
        )}
        {!searches && <LivePeople small />}
        {!searches && <Asking />}
        {searches ? <Results search={search} /> : body()}
      </div>
    </Page>
  )
}

/** The way to those who ask for a chat, if there are any. */
function Asking() {
  const { t } = useTranslation()
  const { requests: all } = useStore(requests)
  const [first] = all
  if (!first) return null
  return (
    <Link to="/chats/requests" className={styles.asking} {...moodOf(first.person)}>
      <AuraStill person={first.person} size={44} />
      <span className={styles.waiting}>{t('chats.request.waiting', { count: all.length })}</span>
      <span className={styles.onward}>
        <Icon of={ChevronRight} />
      </span>
    </Link>
  )
}

function Row({
  known,
  fresh,
  typing,
  draft,
}: {
  known: Known
  fresh: boolean
  typing: boolean
  draft: Draft | undefined
}) {
  const { t } = useTranslation()
  const { person, chat, at, going } = known
  const unread = chat?.unread ?? 0
  const spoken = going !== undefined || chat?.last !== undefined
  const last = chat?.last
  const waits = last !== undefined && !last.mine && !last.deleted
  const turn = waits && unread === 0 && !going && !draft && !typing
  return (
    <li>
      <Link
        to="/chats/$person"
        params={{ person: person.id }}
        viewTransition
        className={styles.row}
        data-unread={unread > 0 || undefined}
        {...moodOf(person)}
      >
        <AuraWithPresence person={person} size={68} />
        <span className={styles.words}>
          <span className={styles.name}>
            <bdi className="cut">{person.name}</bdi>
            {fresh && !spoken && <span className={styles.fresh}>{t('chats.new')}</span>}
            {spoken && (
              <time className={`${styles.time} numbers`} dateTime={new Date(at).toISOString()}>
                {shortTime(at, Date.now())}
              </time>
            )}
          </span>
          <span className={styles.last}>
            <LastSaid known={known} typing={typing} draft={draft} />
            {chat?.asked === 'mine' && last && (
              <span className={styles.turn}>{t('chats.request.sent')}</span>
            )}
            {turn && <span className={styles.turn}>{t('chats.turn')}</span>}
            {unread > 0 && (
              <span className={styles.dot}>
                <span className="only-heard">{t('chats.unread', { count: unread })}</span>
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  )
}

/** The one line below a name. */
function LastSaid({
  known: { match, chat, going, at },
  typing,
  draft,
}: {
  known: Known
  typing: boolean
  draft: Draft | undefined
}) {
  const { t } = useTranslation()
  const words = useWords()
  const said = useSaid()
  const reveal = match ? revealState(match.reveal) : 'none'
  // By its own direction, so that it is its end that is cut off.
  const line = (text: string, lit = false) => (
    <span dir="auto" className={`${styles.said} cut`} data-lit={lit || undefined}>
      {text}
    </span>
  )
  if (typing) return line(t('chats.typing'), true)
  if (draft && (draft.text !== '' || draft.voice)) {
    const text = said(draft).slice(0, 200)
    return line(t('chats.draft', { text: isolate(text) }))
  }
  if (going?.state === 'failed') {
    return <span className={`${styles.failed} cut`}>{t('chats.notSent')}</span>
  }
  if (going?.voice) return <SaidAloud {...going.voice} text={going.text} mine />
  if (going) return line(t('chats.yours', { text: isolate(going.text.slice(0, 200)) }))
  const last = chat?.last
  // Photos that wait for an answer are more than what was said before.
  if (reveal === 'theirs') return line(t('chats.state.theirs'), true)
  if (last?.deleted) return line(t('chats.deleted'))
  if (last?.voice) return <SaidAloud {...last.voice} text={last.text} mine={last.mine} />
  if (last) {
    const text = last.text.slice(0, 200)
    return line(last.mine ? t('chats.yours', { text: isolate(text) }) : text)
  }
  if (reveal !== 'none') return line(t(`chats.state.${reveal}`), true)
  return line(t('chats.since', { day: words.day(match?.at ?? at) }))
}

const rowBars = 24

/** A voice message in one line: its waveform, very small. */
function SaidAloud({
  ms,
  peaks,
  text,
  mine,
}: {
  ms: number
  peaks: readonly number[]
  text: string
  mine: boolean
}) {
  const { t } = useTranslation()
  const said = useSaid()({ text, voice: { ms } }).slice(0, 200)
  return (
    <span className={styles.said}>
      <span className="only-heard">{mine ? t('chats.yours', { text: isolate(said) }) : said}</span>
      <span className={styles.aloud} aria-hidden>
        {mine && <span>{t('chats.yours', { text: '' }).trim()}</span>}
        <span className={styles.bars}>
          {thinned(peaks, rowBars).map((peak, i) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: a drawing of fixed length
              key={i}
              style={{ blockSize: `${Math.round(14 + 86 * peak)}%` }}
            />
          ))}
        </span>
        <span className="numbers">{clock(ms)}</span>
      </span>
    </span>
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
