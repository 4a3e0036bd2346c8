import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { answer, api, type Member, Problem } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { limits } from '../../i18n/vocabulary.gen'
import { SearchField } from '../../people'
import { Button } from '../../ui'
import styles from './Chat.module.css'
import { Lines } from './ChatLines'

/** As long as somebody types faster than this, nothing is asked. */
const PAUSE_MS = 200

/** Finds what was written in this room. */
export function ChatSearch({ room, you }: { room: string; you: Member }) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [text, setText] = useState('')
  const [query, setQuery] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setQuery(text.trim()), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  const asked = useInfiniteQuery({
    queryKey: ['room-messages', room, query],
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET('/api/rooms/{room}/messages/search', {
          params: {
            path: { room },
            query: { q: query, ...(pageParam === '' ? {} : { before: pageParam }) },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    enabled: query !== '',
    // What was deleted since is not to be shown again.
    gcTime: 0,
    staleTime: 0,
    retry: false,
    networkMode: 'always',
    refetchOnWindowFocus: false,
  })
  const { data, isFetching, hasNextPage, error, fetchNextPage } = asked
  const found = (data?.pages ?? []).flatMap((page) => page.messages)
  const empty = found.length === 0
  // The server bounds what one request costs, and may have come only part of the way.
  useEffect(() => {
    if (empty && hasNextPage && !isFetching && !error) void fetchNextPage()
  }, [empty, hasNextPage, isFetching, error, fetchNextPage])
  const done = query !== '' && !isFetching && !error

  return (
    <>
      <div className={styles.search}>
        <SearchField
          label={t('room.chat.searchLabel')}
          value={text}
          onChange={setText}
          count={done ? found.length : undefined}
          maxLength={limits.queryMost}
          focus
        />
      </div>
      <div className={styles.list}>
        {done && empty && <p className={styles.state}>{t('room.chat.notFound')}</p>}
        {error && <p className={styles.state}>{say(Problem.of(error))}</p>}
        <Lines messages={found} you={you} />
        {!empty && hasNextPage && (
          <Button look="plain" busy={isFetching} onClick={() => void fetchNextPage()}>
            {t('room.chat.older')}
          </Button>
        )}
      </div>
    </>
  )
}
