import { useInfiniteQuery } from '@tanstack/react-query'

interface Options {
  enabled?: boolean
  refetchInterval?: number
  refetchOnWindowFocus?: boolean
}

/** A list that the server gives in pages. `read` takes where the page before ended. */
export function usePages<T extends { next?: string | undefined }>(
  key: readonly unknown[],
  read: (after: { before?: string }) => Promise<T>,
  options: Options = {},
) {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam ? { before: pageParam } : {}),
    initialPageParam: '',
    getNextPageParam: (page: T) => page.next,
    staleTime: 0,
    ...options,
  })
}
