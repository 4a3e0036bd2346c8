import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { CallButton } from '../features/call'
import { ChatPage, ChatsPage, ProfilePage, SearchPage } from '../features/chats'
import { Rail } from '../features/moments'

const list = getRouteApi('/inside/chats')
const route = getRouteApi('/inside/chats/$person')
const search = getRouteApi('/inside/chats/$person/search')
const profile = getRouteApi('/inside/chats/$person/profile')

/** The query is in the address, so that the way back leads to its results. */
export function ChatsRoute() {
  const { q } = list.useSearch()
  const navigate = useNavigate()
  return (
    <ChatsPage
      query={q}
      rail={<Rail source="known" />}
      onQuery={(text) =>
        void navigate({ to: '/chats', search: text === '' ? {} : { q: text }, replace: true })
      }
    />
  )
}

/** A new address is another conversation: nothing of the last one may linger. */
export function ChatRoute() {
  const { person } = route.useParams()
  const { at } = route.useSearch()
  const navigate = useNavigate()
  return (
    <ChatPage
      key={person}
      person={person}
      at={at}
      call={(whom) => <CallButton person={whom} onCalling={() => void navigate({ to: '/call' })} />}
    />
  )
}

/** The search in one conversation. */
export function SearchRoute() {
  const { person } = search.useParams()
  const { q } = search.useSearch()
  const navigate = useNavigate()
  return (
    <SearchPage
      key={person}
      person={person}
      query={q}
      onQuery={(text) =>
        void navigate({
          to: '/chats/$person/search',
          params: { person },
          search: text === '' ? {} : { q: text },
          replace: true,
        })
      }
    />
  )
}

/** Who they are: on a phone behind the head of the conversation. */
export function ProfileRoute() {
  const { person } = profile.useParams()
  return <ProfilePage key={person} person={person} />
}
