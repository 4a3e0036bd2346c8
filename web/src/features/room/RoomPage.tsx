import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { lobby } from '../../realtime/lobby'
import { session, useSession } from '../../voice/session'
import { Door } from './Door'
import { Live } from './Live'
import { Ended, Failed, Joining } from './RoomStates'

/**
 * A room's page. Whoever was led here by an address is asked first: a link must move nobody. Leaving
 * the page is not leaving the room, which plays on in the mini-player.
 */
export function RoomPage({ roomId }: { roomId: string }) {
  const state = useSession()
  const navigate = useNavigate()

  useEffect(() => {
    return () => {
      // What was said about an end or a failure has been read.
      const last = session.get()
      if (last.status === 'ended' || last.status === 'failed') session.dismiss()
    }
  }, [])

  const call = () => void navigate({ to: '/call', viewTransition: true })
  const home = () => void navigate({ to: '/', viewTransition: true })

  if (state.status === 'none' || state.roomId !== roomId) {
    return (
      <Door roomId={roomId} onGo={() => void session.join(roomId)} onCall={call} onHome={home} />
    )
  }
  if (state.status === 'joining') {
    return <Joining card={lobby.get().cards.find((c) => c.id === roomId)} onMinimise={home} />
  }
  if (state.status === 'failed') {
    return (
      <Failed
        problem={state.problem}
        onHome={home}
        onCall={call}
        onRetry={() => {
          session.dismiss()
          void session.join(roomId)
        }}
      />
    )
  }
  if (state.status === 'ended') {
    return (
      <Ended
        why={state.why}
        room={state.room}
        onHome={home}
        onBring={() => {
          session.dismiss()
          void session.join(roomId)
        }}
      />
    )
  }
  return (
    <Live
      live={state}
      onMinimise={home}
      onLeave={() => {
        // The voice goes at once; a room without its person has nothing to show, so it stays on
        // screen until the lobby is there.
        session.leave(navigate({ to: '/', viewTransition: true }))
      }}
    />
  )
}
