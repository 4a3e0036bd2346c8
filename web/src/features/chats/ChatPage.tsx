import { useEffect } from 'react'
import type { Person } from '../../api'
import { matches } from '../../realtime/matches'
import { type Parts, useStore } from '../../ui'
import { Talk } from './Talk'
import { WithPartner } from './WithPartner'

/** Two people, and what they write. */
export function ChatPage({
  person,
  call,
  at,
}: {
  person: string
  /** The message to open at. */
  at?: number | undefined
  /** The button that rings them. */
  call(person: Person): Parts
}) {
  const { unseen } = useStore(matches)
  useEffect(() => {
    if (unseen > 0) matches.look()
  }, [unseen])
  return (
    <WithPartner person={person}>
      {(partner) => (
        <Talk
          // Once a request is answered, all that was held back begins.
          key={partner.chat?.asked ?? 'open'}
          partner={partner}
          at={at}
          call={partner.match && !partner.person.resident && call(partner.person)}
        />
      )}
    </WithPartner>
  )
}
