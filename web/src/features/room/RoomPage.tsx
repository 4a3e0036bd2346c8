import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { lobby } from '../../realtime/lobby'
import { useStore, useTitle } from '../../ui'
import { session, useSession } from '../../voice/session'
import { Door } from './Door'
import { Live } from './Live'
import { Ended, Failed, isGate, Joining } from './RoomStates'

/**
 * A room's page. Whoever was led here by an address is asked first: a link must move nobody. Leaving
 * the page is not leaving the room, which plays on in the mini-player.
 */
export function RoomPage({ roomId }: { roomId: string }) {
  const state = useSession()
  const move = useStore(session.move)
  const navigate = useNavigate()
  useTitle(state.status === 'live' && state.roomId === roomId ? state.room.title : undefined)

  useEffect(() => {
    return () => {
      // What was said about an end or a failure has been read.
      const last = session.get()
      if (last.status === 'ended' || last.status === 'failed' || session.move.get()?.problem) {
        session.dismiss()
      }
    }
  }, [])

  const call = () => void navigate({ to: '/call', viewTransition: true })
  const home = () => void navigate({ to: '/', viewTransition: true })

  const here = state.status !== 'none' && state.roomId === roomId ? state : undefined
  const asked = move?.roomId === roomId ? move : undefined
  const refused = here?.status === 'failed' ? here.problem : asked?.problem
  const go = (pin?: string) => {
    session.dismiss()
    void session.join(roomId, pin)
  }
  if (here?.status === 'joining' || (asked && !refused)) {
    return <Joining card={lobby.get().cards.find((c) => c.id === roomId)} onMinimise={home} />
  }
  if (refused && !isGate(refused)) {
    return <Failed problem={refused} onHome={home} onCall={call} onRetry={() => go()} />
  }
  if (!here || here.status === 'failed') {
    return (
      <Door roomId={roomId} {...(refused && { refused })} onGo={go} onCall={call} onHome={home} />
    )
  }
  if (here.status === 'ended') {
    return <Ended why={here.why} room={here.room} onHome={home} onBring={() => go()} />
  }
  return (
    <Live
      live={here}
      onMinimise={home}
      onLeave={() => {
        // The voice goes at once; a room without its person has nothing to show, so it stays on
        // screen until the lobby is there.
        session.leave(navigate({ to: '/', viewTransition: true }))
      }}
    />
  )
}
