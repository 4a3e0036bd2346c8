import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { answer, api, type CardStanding, me } from '../api'
import { listenOwn } from '../realtime/connection'
import { useStore } from '../ui'
import { onBlocked } from './safety'
import { useCommand } from './useCommand'

const of = (person: string) => ({ params: { path: { person } } })

/** Reads what is shown of cards again whenever the server says that something about them changed. */
function useLiveCards() {
  const queries = useQueryClient()
  useEffect(() => {
    const again = () => void queries.invalidateQueries({ queryKey: ['cards'] })
    const ends = [
      listenOwn({ event: ({ type }) => type === 'cards' && again(), missed: again }),
      onBlocked(again),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [queries])
}

/** The open offers of and to this person. */
export function useCardOffers() {
  useLiveCards()
  return useQuery({
    queryKey: ['cards', 'offers'],
    queryFn: () => answer(api.GET('/api/me/card-offers')),
    staleTime: 0,
  })
}

/** Whether this person and another one offer or have each other's card. */
export function useStanding(person: string, on: boolean) {
  useLiveCards()
  return useQuery({
    queryKey: ['cards', 'of', person],
    queryFn: () => answer(api.GET('/api/people/{person}/card', of(person))),
    staleTime: 0,
    retry: false,
    enabled: on,
  })
}

/** What can be done about the card of somebody. What is said of their card is kept true. */
export function useCards() {
  const queries = useQueryClient()
  const { busy, trouble, run } = useCommand()
  const done = (person: string, standing?: CardStanding) => {
    if (standing) queries.setQueryData(['cards', 'of', person], standing)
    void queries.invalidateQueries({ queryKey: ['cards'] })
  }
  return {
    busy,
    trouble,
    /** Offers one's card, or answers an offer. */
    give: (person: string) =>
      run(`give:${person}`, async () =>
        done(person, await answer(api.PUT('/api/people/{person}/card', of(person)))),
      ),
    withdraw: (person: string) =>
      run(`withdraw:${person}`, async () => {
        await api.DELETE('/api/people/{person}/card', of(person))
        done(person)
      }),
    ignore: (person: string) =>
      run(`ignore:${person}`, async () => {
        await api.DELETE('/api/me/card-offers/{person}', of(person))
        done(person)
      }),
    remove: (person: string) =>
      run(`remove:${person}`, async () => {
        await api.DELETE('/api/me/cards/{person}', of(person))
        done(person)
      }),
  }
}

/** Whether one's own card says more than a name. */
export function useOwnCard(): boolean {
  const who = useStore(me)
  return who.status === 'in' && who.me.work !== undefined
}

const zone = () => encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)

/** Where a card can be saved as a file for an address book; without a person, all of them. */
export const vcardOf = (person?: string): string =>
  `/api/me/cards/${person ? `${person}/` : ''}vcard?zone=${zone()}`
