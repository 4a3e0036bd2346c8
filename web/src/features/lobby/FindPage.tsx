import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type ReactElement, useId, useState } from 'react'
import { answer, api, type Me, Problem } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { SearchField } from '../../people'
import { Button, EmptyState, Page, type Parts, Quiet, useSettled } from '../../ui'
import styles from './Lobby.module.css'
import { RoomRows } from './RoomRows'
import { RowSkeleton } from './Row'

/** Rows that were found; undefined while they are being read. */
type Found = (query: string, around: (rows: Parts, count?: number) => ReactElement) => ReactElement

/** Open rooms and clubs by their words. */
export function FindPage({
  me,
  query = '',
  onQuery,
  clubs,
}: {
  me: Me
  query?: string | undefined
  onQuery(query: string): void
  clubs: Found
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const router = useRouter()
  const heading = useId()
  const [typed, setTyped] = useState(query)
  const q = useSettled(typed).trim()
  const { data, error, refetch } = useQuery({
    queryKey: ['rooms', 'found', q],
    queryFn: ({ signal }) =>
      answer(api.GET('/api/rooms', { params: { query: { q } }, signal })).then((all) => all.rooms),
    enabled: q !== '',
    staleTime: 0,
    retry: false,
    networkMode: 'always', // offline is told, not waited for
  })

  return (
    <Page
      title={t('find.title')}
      onBack={() =>
        router.history.canGoBack() ? router.history.back() : void router.navigate({ to: '/' })
      }
    >
      {clubs(q, (rows, count) => (
        <>
          <SearchField
            label={t('find.label')}
            value={typed}
            onChange={(value) => {
              setTyped(value)
              onQuery(value.trim())
            }}
            count={q && data && count !== undefined ? data.length + count : undefined}
            focus={query === ''}
            maxLength={limits.queryMost}
          />
          {results(rows, count)}
        </>
      ))}
    </Page>
  )

  function results(rows: Parts, count: number | undefined) {
    if (q === '') {
      return (
        <EmptyState title={t('find.begin')} art={<Quiet seed="find" size={160} />}>
          {t('find.beginText')}
        </EmptyState>
      )
    }
    if (error) {
      const problem = Problem.of(error)
      return (
        <EmptyState
          title={problem.isRefusal ? say(problem) : t('find.failed')}
          art={<Quiet seed="find-lost" size={160} />}
          action={
            !problem.isRefusal && (
              <Button look="primary" onClick={() => void refetch()}>
                {t('common.retry')}
              </Button>
            )
          }
        >
          {!problem.isRefusal && say(problem)}
        </EmptyState>
      )
    }
    if (!data) {
      return (
        <ul className={styles.listed} aria-busy="true">
          {[0, 1, 2].map((i) => (
            <RowSkeleton key={i} />
          ))}
        </ul>
      )
    }
    if (data.length === 0 && count === 0) {
      return (
        <EmptyState
          title={t('find.none', { query: isolate(q) })}
          art={<Quiet seed="find-none" size={160} />}
        >
          {t('find.noneText')}
        </EmptyState>
      )
    }
    return (
      <>
        {data.length > 0 && (
          <section className={styles.found} aria-labelledby={heading}>
            <h2 id={heading}>{t('lobby.open')}</h2>
            <RoomRows cards={data} me={me} />
          </section>
        )}
        {rows && (
          <section className={styles.found} aria-labelledby={`${heading}-clubs`}>
            <h2 id={`${heading}-clubs`}>{t('club.title')}</h2>
            {rows}
          </section>
        )}
      </>
    )
  }
}
