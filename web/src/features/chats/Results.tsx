import { Link } from '@tanstack/react-router'
import { Fragment, type KeyboardEvent } from 'react'
import type { FoundMessage } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { shortTime } from '../../i18n/times'
import { moodOf } from '../../people'
import { AuraStill, Button, EmptyState, Quiet, Skeleton } from '../../ui'
import styles from './Results.module.css'
import type { Search } from './useSearch'

/** What was found, or why there is nothing to show. */
export function Results({ search, within }: { search: Search; within?: string }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const { status, found, query, problem } = search
  const failure = problem && (
    <EmptyState
      title={problem.isRefusal ? say(problem) : t('chats.search.failed')}
      art={<Quiet seed="search-lost" size={160} />}
      action={
        !problem.isRefusal && (
          <Button look="primary" onClick={search.retry}>
            {t('common.retry')}
          </Button>
        )
      }
    >
      {!problem.isRefusal && say(problem)}
    </EmptyState>
  )
  if (found.length === 0) {
    if (failure) return failure
    if (status === 'loading') return <Waiting />
    return (
      <EmptyState
        title={t('chats.search.none', { query: isolate(query) })}
        art={<Quiet seed="search-none" size={160} />}
      >
        {t(within === undefined ? 'chats.search.noneText' : 'chats.search.noneWithin', {
          name: within ?? '',
        })}
      </EmptyState>
    )
  }
  return (
    <>
      <ul className={styles.rows}>
        {found.map((one) => (
          <Row key={`${one.person.id} ${one.n}`} found={one} within={within !== undefined} />
        ))}
      </ul>
      {problem
        ? failure
        : search.hasMore && (
            <Button look="plain" busy={search.loadingMore} onClick={search.more}>
              {t('common.more')}
            </Button>
          )}
    </>
  )
}

function Row({ found, within }: { found: FoundMessage; within: boolean }) {
  const { t } = useTranslation()
  const { person, n, mine, at, excerpt, marks } = found
  const who = mine ? t('chats.talk.you') : person.name
  return (
    <li>
      <Link
        to="/chats/$person"
        params={{ person: person.id }}
        search={{ at: n }}
        className={styles.row}
        {...moodOf(person)}
      >
        {!within && <AuraStill person={person} size={48} />}
        <span className={styles.words}>
          <span className={styles.name}>
            <bdi className="cut">{within ? who : person.name}</bdi>
            <time className={`${styles.time} numbers`} dateTime={new Date(at).toISOString()}>
              {shortTime(at, Date.now())}
            </time>
          </span>
          <span className={styles.excerpt}>
            {mine && !within && <span className={styles.you}>{t('chats.talk.you')}</span>}
            <span dir="auto" className={styles.said}>
              {segments(excerpt, marks).map(({ from, text, found: hit }) =>
                hit ? <mark key={from}>{text}</mark> : <Fragment key={from}>{text}</Fragment>,
              )}
            </span>
          </span>
        </span>
      </Link>
    </li>
  )
}

/** An excerpt in parts. Marks count in UTF-16 code units, as strings here do. */
export function segments(excerpt: string, marks: FoundMessage['marks']) {
  const parts: { from: number; text: string; found: boolean }[] = []
  let at = 0
  const add = (to: number, found: boolean) => {
    if (to > at) parts.push({ from: at, text: excerpt.slice(at, to), found })
    at = Math.max(at, to)
  }
  for (const { from, to } of marks) {
    add(from, false)
    add(to, true)
  }
  add(excerpt.length, false)
  return parts
}

function Waiting() {
  const { t } = useTranslation()
  return (
    <div aria-busy="true">
      <p className="only-heard" role="status">
        {t('chats.search.loading')}
      </p>
      <div className={styles.rows}>
        {['a', 'b', 'c'].map((key) => (
          <span key={key} className={styles.row}>
            <Skeleton width={48} height={48} round />
            <span className={styles.words}>
              <Skeleton width="36%" height="1.125rem" />
              <Skeleton width="74%" height="0.875rem" />
            </span>
          </span>
        ))}
      </div>
    </div>
  )
}

/** The arrow keys go from the field through what was found, and back. */
export function throughResults(event: KeyboardEvent<HTMLElement>): void {
  if (event.nativeEvent.isComposing || event.altKey || event.ctrlKey || event.metaKey) return
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>('input, li a')]
  const next = all[all.indexOf(document.activeElement as HTMLElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
