import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { lobby } from '../../realtime/lobby'
import { session, useSession } from '../../voice/session'
import { Live } from './Live'
import { Ended, Failed, Joining } from './Threshold'

/**
 * A room's page. Coming here is joining; leaving the page is not leaving the
 * room, which plays on in the mini-player.
 */
export function RoomPage({ roomId }: { roomId: string }) {
  const state = useSession()
  const navigate = useNavigate()

  useEffect(() => {
    const now = session.get()
    if (now.status === 'none' || now.roomId !== roomId) void session.join(roomId)
    return () => {
      // What was said about an end or a failure has been read.
      const last = session.get()
      if (last.status === 'ended' || last.status === 'failed') session.dismiss()
    }
  }, [roomId])

  const home = () => void navigate({ to: '/', viewTransition: true })

  if (state.status === 'none' || state.roomId !== roomId || state.status === 'joining') {
    return <Joining card={lobby.get().cards.find((c) => c.id === roomId)} onMinimise={home} />
  }
  if (state.status === 'failed') {
    return (
      <Failed
        problem={state.problem}
        onHome={home}
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
        // The page goes first: a room without its person has nothing to show.
        void navigate({ to: '/', viewTransition: true }).then(() => session.leave())
      }}
    />
  )
}
