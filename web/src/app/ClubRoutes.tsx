import { getRouteApi } from '@tanstack/react-router'
import { me } from '../api'
import { ClubJoinPage, ClubPage } from '../features/club'
import { RoomRows, StartRoom } from '../features/lobby'
import { ClubEvents } from '../features/schedule'
import { useStore } from '../ui'

const one = getRouteApi('/inside/clubs/$club')
const link = getRouteApi('/inside/clubs/$club/join/$token')

/** The rooms of a club are listed and started as those of the lobby. */
export function ClubRoute() {
  const { club } = one.useParams()
  const who = useStore(me)
  if (who.status !== 'in') return null
  return (
    <ClubPage
      key={club}
      club={club}
      rooms={{
        calendar: (of, member) => <ClubEvents club={of.id} member={member} />,
        list: (cards) => <RoomRows cards={cards} me={who.me} />,
        start: (of, open, onOpenChange) => (
          <StartRoom
            open={open}
            onOpenChange={onOpenChange}
            me={who.me}
            category={of.category}
            club={of}
          />
        ),
      }}
    />
  )
}

export function ClubJoinRoute() {
  const { club, token } = link.useParams()
  return <ClubJoinPage key={token} club={club} token={token} />
}
