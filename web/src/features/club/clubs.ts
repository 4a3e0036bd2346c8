import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api, type Club } from '../../api'
import { listenOwn } from '../../realtime/connection'

/** A club tells nobody live what happens in it: as long as one looks, it is read again, and at once as one comes back. */
export const looksAgain = { refetchInterval: 15_000, refetchOnWindowFocus: true } as const

const path = (club: string) => ({ path: { club } })

/** The path of a link that lets people in. */
export const joinPath = (club: string, token: string) => `/clubs/${club}/join/${token}`

/** A club as one sees it; by the token of a link, also one that is not shown otherwise. */
export function useClub(club: string, invite?: string) {
  return useQuery({
    queryKey: ['club', club, ...(invite ? [invite] : [])],
    queryFn: () =>
      answer(
        api.GET('/api/clubs/{club}', {
          params: { ...path(club), query: invite ? { invite } : {} },
        }),
      ),
    staleTime: 0,
    retry: false,
    ...looksAgain,
  })
}

export function useMine() {
  return useQuery({
    queryKey: ['clubs', 'mine'],
    queryFn: () => answer(api.GET('/api/me/clubs')),
    staleTime: 0,
  })
}

/** A new state of a club, as a command has answered it. */
export function useKeepClub() {
  const queries = useQueryClient()
  return (club: Club) => {
    queries.setQueryData(['club', club.id], club)
    void queries.invalidateQueries({ queryKey: ['clubs'] })
  }
}

/** Reads everything about a club again, once something has changed. */
export function useReread(club: string) {
  const queries = useQueryClient()
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['club', club] }),
      queries.invalidateQueries({ queryKey: ['clubs'] }),
    ])
  }
}

/** Reads it again when a notification comes: it may tell of this club, such as that one was let in. */
export function useToldOf(club: string): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      listenOwn({
        event(said) {
          if (said.type === 'notifications')
            void queries.invalidateQueries({ queryKey: ['club', club] })
        },
        missed() {},
      }),
    [queries, club],
  )
}

/** Whoever leads a club manages it. */
export const leads = (club: Pick<Club, 'role'>) => club.role === 'founder' || club.role === 'admin'
/** Whoever belongs to it opens rooms in it, hears its voices and sees who else belongs to it. */
export const belongs = (club: Pick<Club, 'role'>) => leads(club) || club.role === 'member'
