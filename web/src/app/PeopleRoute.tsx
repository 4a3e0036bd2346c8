import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { PeoplePage } from '../features/me'

const route = getRouteApi('/inside/me/people')

/** Which list is in the address, so that the way back leads to it. */
export function PeopleRoute() {
  const { list = 'following' } = route.useSearch()
  const navigate = useNavigate()
  return (
    <PeoplePage
      key={list}
      list={list}
      onList={(next) =>
        void navigate({
          to: '/me/people',
          search: next === 'following' ? {} : { list: next },
          replace: true,
        })
      }
    />
  )
}
