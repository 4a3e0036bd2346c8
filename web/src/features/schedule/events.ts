import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { answer, api, type Event, type EventPage } from '../../api'
import { useTranslation } from '../../i18n'
import { useCommand, useOfferPush } from '../../people'
import { toast } from '../../ui'
import { session } from '../../voice/session'

const path = (event: string) => ({ params: { path: { event } } })

/** Which events a list has. */
export type EventFilter = { mine?: true; club?: string; limit?: number }

/** Pages of events that are not over, the next first. */
export function useEvents({ mine, club, limit }: EventFilter) {
  return useInfiniteQuery({
    queryKey: ['events', mine ?? false, club ?? '', limit ?? 0],
    queryFn: ({ pageParam }) => {
      const query = { ...(pageParam && { after: pageParam }), ...(limit && { limit }) }
      return answer(
        club
          ? api.GET('/api/clubs/{club}/events', { params: { path: { club }, query } })
          : api.GET('/api/events', { params: { query: { ...query, ...(mine && { mine }) } } }),
      )
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
    staleTime: 0,
    refetchInterval: 60_000,
  })
}

export function useEvent(event: string) {
  return useQuery({
    queryKey: ['event', event],
    queryFn: () => answer(api.GET('/api/events/{event}', path(event))),
    staleTime: 0,
    retry: false,
    refetchInterval: 15_000,
  })
}

/** Keeps what a command has answered, and reads lists again. */
export function useKeepEvent() {
  const queries = useQueryClient()
  return async (event?: EventPage) => {
    if (event) queries.setQueryData(['event', event.id], event)
    await Promise.all([
      queries.invalidateQueries({ queryKey: ['events'] }),
      queries.invalidateQueries({ queryKey: ['event'] }),
    ])
  }
}

/** Says that one goes, or does not go after all. */
export function useGoing(event: Pick<Event, 'id' | 'going' | 'weekly'>) {
  const { t } = useTranslation()
  const keep = useKeepEvent()
  const offerPush = useOfferPush()
  const command = useCommand()
  return {
    ...command,
    async change() {
      const going = !event.going
      const done = await command.run('going', () =>
        going
          ? api.PUT('/api/events/{event}/going', path(event.id))
          : api.DELETE('/api/events/{event}/going', path(event.id)),
      )
      if (done) await keep()
      if (!done || !going) return
      toast({ text: () => t(event.weekly ? 'event.going.weekly' : 'event.going.done') })
      offerPush()
    },
  }
}

/** Opens the room of an event, and goes in. */
export function useStart(event: string) {
  const navigate = useNavigate()
  const command = useCommand()
  return {
    ...command,
    start: () =>
      command.run('start', async () => {
        const { room_id } = await answer(api.POST('/api/events/{event}/start', path(event)))
        void session.join(room_id)
        await navigate({ to: '/rooms/$room', params: { room: room_id } })
      }),
  }
}
