import { useEffect } from 'react'
import type { Match } from '../../api'
import { matches } from '../../realtime/matches'
import { type Parts, useStore } from '../../ui'
import { Talk } from './Talk'
import { WithMatch } from './WithMatch'

/** Two people who like each other, and what they write. */
export function ChatPage({
  person,
  call,
  at,
}: {
  person: string
  /** The message to open at. */
  at?: number | undefined
  /** The button that rings them. */
  call(person: Match['person']): Parts
}) {
  const { unseen } = useStore(matches)
  useEffect(() => {
    if (unseen > 0) matches.look()
  }, [unseen])
  return (
    <WithMatch person={person}>
      {(match) => (
        <Talk match={match} at={at} call={!match.person.resident && call(match.person)} />
      )}
    </WithMatch>
  )
}
