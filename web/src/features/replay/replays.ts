import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answer, api, type ReplayPage } from '../../api'
import { usePages } from '../../people'

export const path = (replay: string) => ({ params: { path: { replay } } })

/** Pages of replays, the last first. */
export function useReplays(mine: boolean) {
  return usePages(['replays', mine], (page) =>
    answer(api.GET('/api/replays', { params: { query: { ...page, ...(mine && { mine }) } } })),
  )
}

export function useReplay(replay: string) {
  return useQuery({
    queryKey: ['replay', replay],
    queryFn: () => answer(api.GET('/api/replays/{replay}', path(replay))),
    // While it is heard it stays as it is.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
}

/** Reads lists again, and the replay if it is still there. */
export function useKeepReplay() {
  const queries = useQueryClient()
  return async (replay?: ReplayPage) => {
    if (replay) queries.setQueryData(['replay', replay.id], replay)
    await queries.invalidateQueries({ queryKey: ['replays'] })
  }
}
