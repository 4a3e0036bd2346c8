import { answer, api, Problem } from '../api'
import { chats } from '../realtime/chats'
import { matches } from '../realtime/matches'
import { outgoing } from '../realtime/outgoing'
import { requests } from '../realtime/requests'
import { player } from '../voice/player'

const listed = () =>
  new Set([...chats.get().chats, ...requests.get().requests].map(({ person }) => person.id))

/**
 * Forgets everybody whose chat has ended, until the returned function is called. No event says so of
 * a chat without a match: its person is missing from the lists. Two lists are read, each for itself,
 * and a request that was accepted elsewhere may be in neither for a moment: so the server is asked.
 */
export function forgetEnded(): () => void {
  const known = new Set<string>()
  let over = false

  async function ask(person: string): Promise<void> {
    known.delete(person)
    if (chats.get().gone.has(person)) return
    try {
      await answer(api.GET('/api/chats/{person}', { params: { path: { person } } }))
    } catch (thrown) {
      if (over) return
      if (Problem.of(thrown).code !== 'chat.none') {
        // Asked again with the next change of a list.
        known.add(person)
        return
      }
      const isMatch = matches.get().matches.some((one) => one.person.id === person)
      if (isMatch || listed().has(person)) return
      // The two may yet match: only their chat is gone.
      chats.drop(person)
      outgoing.forget(person)
      player.drop(person)
    }
  }

  const look = () => {
    const there = listed()
    for (const person of there) known.add(person)
    if (chats.get().status !== 'ready' || requests.get().status !== 'ready') return
    for (const person of [...known]) if (!there.has(person)) void ask(person)
  }
  const undo = [chats.subscribe(look), requests.subscribe(look)]
  look()
  return () => {
    over = true
    for (const stop of undo) stop()
  }
}
