import { getRouteApi } from '@tanstack/react-router'
import { me } from '../api'
import { FoundClubs } from '../features/club'
import { FindPage } from '../features/lobby'
import { useStore } from '../ui'

const at = getRouteApi('/inside/search')

/** What is searched for stands in the address: whoever comes back from a room finds it again. */
export function FindRoute() {
  const { q } = at.useSearch()
  const navigate = at.useNavigate()
  const who = useStore(me)
  if (who.status !== 'in') return null
  return (
    <FindPage
      me={who.me}
      query={q}
      onQuery={(query) =>
        void navigate({ search: query ? { q: query } : {}, replace: true, resetScroll: false })
      }
      clubs={(query, around) => <FoundClubs query={query} around={around} />}
    />
  )
}
