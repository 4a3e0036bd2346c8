import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api, type FoundMessage, Problem } from '../../api'
import { chats } from '../../realtime/chats'
import { useSettled, useStore } from '../../ui'

export interface Search {
  /** What the answer is to; empty while nobody searches. */
  query: string
  found: readonly FoundMessage[]
  status: 'loading' | 'ready' | 'failed'
  problem: Problem | undefined
  hasMore: boolean
  loadingMore: boolean
  more(): void
  retry(): void
}

/** Searches all conversations, or that with one person, for what is being typed. */
export function useSearch(text: string, person?: string): Search {
  const query = useSettled(text).trim()
  const { gone } = useStore(chats)
  const asked = useInfiniteQuery({
    queryKey: ['messages', person, query],
    queryFn: ({ signal, pageParam }) =>
      answer(
        api.GET('/api/chats/search', {
          params: {
            query: {
              q: query,
              limit: 30,
              ...(person === undefined ? {} : { person }),
              ...(pageParam === '' ? {} : { before: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    enabled: query !== '',
    // What was said is kept in one place. Meanwhile a chat may have ended.
    gcTime: 0,
    staleTime: 0,
    retry: false,
    networkMode: 'always', // offline is told, not waited for
    refetchOnWindowFocus: false,
    refetchOnReconnect: true,
    placeholderData: (before) => (query === '' ? undefined : before),
  })
  const { data, isFetching, isFetchingNextPage, isPlaceholderData, error, fetchNextPage, refetch } =
    asked
  const hasMore = asked.hasNextPage && !isPlaceholderData
  const found = (data?.pages ?? []).flatMap((page) => page.found)
  const empty = found.length === 0
  // The server bounds what one request costs, and may have come only part of the way.
  useEffect(() => {
    if (empty && hasMore && !isFetching && !error) void fetchNextPage()
  }, [empty, hasMore, isFetching, error, fetchNextPage])
  const problem = error ? Problem.of(error) : undefined
  const waits = empty && (isFetching || hasMore)
  return {
    query,
    found: found.filter((one) => !gone.has(one.person.id)),
    status: problem ? 'failed' : waits ? 'loading' : 'ready',
    problem,
    hasMore,
    loadingMore: isFetchingNextPage,
    more: () => void fetchNextPage(),
    retry: () => void (empty ? refetch() : fetchNextPage()),
  }
}
