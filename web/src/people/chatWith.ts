import { answer, api } from '../api'
import { chats } from '../realtime/chats'
import { matches } from '../realtime/matches'
import { outgoing } from '../realtime/outgoing'
import { requests } from '../realtime/requests'
import { player } from '../voice/player'

const about = (person: string) => ({ params: { path: { person } } })

/** The chat with somebody, or a request for one, is there afterwards. */
export async function beginChat(person: string): Promise<void> {
  chats.begin(await answer(api.PUT('/api/chats/{person}', about(person))))
}

/** Opens the chat that somebody asks for. */
export async function acceptChat(person: string): Promise<void> {
  chats.begin(await answer(api.PUT('/api/chats/{person}/accept', about(person))))
  requests.drop(person)
}

/** Ends the chat with somebody and their match, takes a request back, or declines one. */
export async function endChat(person: string): Promise<void> {
  await api.DELETE('/api/chats/{person}', about(person))
}

/** Nothing of the two is left here: ended, blocked or reported. */
export function forgetChat(person: string): void {
  matches.drop(person)
  chats.drop(person)
  requests.drop(person)
  outgoing.forget(person)
  player.drop(person)
}
