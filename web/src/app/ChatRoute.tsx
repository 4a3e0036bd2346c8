import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { CallButton } from '../features/call'
import { ChatPage, ProfilePage } from '../features/chats'

const route = getRouteApi('/inside/chats/$person')
const profile = getRouteApi('/inside/chats/$person/profile')

/** A new address is another conversation: nothing of the last one may linger. */
export function ChatRoute() {
  const { person } = route.useParams()
  const navigate = useNavigate()
  return (
    <ChatPage
      key={person}
      person={person}
      call={(whom) => <CallButton person={whom} onCalling={() => void navigate({ to: '/call' })} />}
    />
  )
}

/** Who they are: on a phone behind the head of the conversation. */
export function ProfileRoute() {
  const { person } = profile.useParams()
  return <ProfilePage key={person} person={person} />
}
