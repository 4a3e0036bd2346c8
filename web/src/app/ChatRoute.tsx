import { getRouteApi } from '@tanstack/react-router'
import { ChatPage } from '../features/chats'

const route = getRouteApi('/inside/chats/$person')

/** A new address is another conversation: nothing of the last one may linger. */
export function ChatRoute() {
  const { person } = route.useParams()
  return <ChatPage key={person} person={person} />
}
