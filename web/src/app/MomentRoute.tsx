import { getRouteApi } from '@tanstack/react-router'
import { AnswerDesk } from '../features/chats'
import { MomentPage } from '../features/moments'

const route = getRouteApi('/inside/moments/$person')

/** Moments are answered in the chat with their author. */
export function MomentRoute() {
  const { person } = route.useParams()
  return (
    <MomentPage
      key={person}
      person={person}
      answer={({ person: author, moment, chat }, onSent) => (
        <AnswerDesk person={author} way={chat} moment={moment.id} onSent={onSent} />
      )}
    />
  )
}
