import { answer, api, type Chat, type OwnEvent } from '../api'
import * as list from './chatList'
import { listenOwn } from './connection'
import { environment } from './environment'
import { type LiveDeps, LiveStore } from './liveStore'
import { allPages } from './pages'
import { keepChatsWith, Snapshot } from './snapshots'
import { Typing } from './typing'

type ChatsDeps = Pick<
  LiveDeps<list.ChatList, OwnEvent, readonly Chat[]>,
  'read' | 'listen' | 'later' | 'onNetwork' | 'kept'
>

/** Every chat with its last message and what is unread in it, kept true to what the server tells. */
export class Chats extends LiveStore<list.ChatList, OwnEvent, readonly Chat[]> {
  constructor(deps: ChatsDeps) {
    const typing = new Typing(deps.later, (person, on) =>
      this.update((known) => list.setTyping(known, person, on)),
    )
    super(list.chatListReducer, {
      ...deps,
      listen: (listener) => {
        const stop = deps.listen({
          ...listener,
          event(said) {
            if (said.type === 'typing') typing.heard(said.person_id)
            else listener.event(said)
          },
        })
        return () => {
          stop()
          typing.clear()
        }
      },
      onEvent: (event) => {
        if (event.type === 'message' && !event.message.mine) typing.over(event.person_id)
      },
    })
  }

  /** Ended, blocked or reported: never again. */
  drop = (person: string): void => this.update((known) => list.drop(known, person))

  /** Begun or accepted here. */
  begin = (chat: Chat): void => this.update((known) => list.begin(known, chat))

  /** This person has read up to n, here. */
  read = (person: string, n: number, unread: number): void =>
    this.hear({ type: 'read', person_id: person, mine: true, n, unread })
}

/** All of them: the list is sorted here, and its sum shown in the navigation. */
const readAll = () =>
  allPages(
    (query) => answer(api.GET('/api/chats', { params: { query } })),
    (page) => page.chats,
  )

const snapshot = new Snapshot<readonly Chat[]>('chats')

export const chats = new Chats({
  ...environment,
  read: readAll,
  listen: listenOwn,
  kept: {
    load: snapshot.load,
    save: ({ chats }) =>
      snapshot.save(chats, () => keepChatsWith(chats.map(({ person }) => person.id))),
  },
})
