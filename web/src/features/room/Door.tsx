import { useEffect, useState } from 'react'
import { answer, api, me, Problem, type Room } from '../../api'
import { isolate, namesAndMore, useTranslation } from '../../i18n'
import { lobby } from '../../realtime/lobby'
import { Aura, Button, mood, Skeleton, useStore } from '../../ui'
import { useSession } from '../../voice/session'
import { Header } from './Header'
import styles from './Room.module.css'
import { Failed, isFinal } from './RoomStates'
import { useTalks } from './useTalks'

/**
 * Before a room that somebody was led to by an address, from another site or typed. What is shown is
 * what the lobby knows and what the room answers to a reader; the people in it are told nothing
 * before the tap.
 */
export function Door({
  roomId,
  onGo,
  onCall,
  onHome,
}: {
  roomId: string
  onGo(): void
  /** Back to the call that goes on: the server lets nobody in who is in one. */
  onCall(): void
  onHome(): void
}) {
  const { t } = useTranslation()
  const { cards, status } = useStore(lobby)
  useEffect(() => lobby.start(), [])
  const leaves = useLeaves(roomId)
  const talks = useTalks()
  const card = cards.find((c) => c.id === roomId)
  const { room, over } = useLook(roomId, status === 'loading' ? undefined : card !== undefined)
  if (over) return <Failed problem={over} onHome={onHome} onCall={onCall} onRetry={onGo} />
  const here = room?.you !== undefined
  const title = card?.title ?? room?.title
  const waits = status === 'loading' || (title === undefined && room === undefined)
  const people = card ? (card.speakers.length > 0 ? card.speakers : [card.host]) : []
  return (
    <div className={styles.room} {...(card ? mood(card.category) : {})} data-testid="door">
      <div className={styles.main}>
        <Header
          id={roomId}
          title={title ?? (waits ? undefined : t('room.door.title'))}
          line={here ? t('room.door.here') : t('room.door.line')}
          onMinimise={onHome}
        />
        <div className={styles.arriving}>
          {people.slice(0, 3).map((person) => (
            <Aura key={person.id} person={person} size={150} />
          ))}
          {waits && !card && <Skeleton width={120} height={120} round />}
        </div>
        {card && (
          <p className={styles.what}>
            {card.speakers.length > 0
              ? t('lobby.onStage', {
                  names: namesAndMore(
                    people.map((p) => p.name),
                    3,
                    (count) => t('lobby.more', { count }),
                  ),
                })
              : t('lobby.noStage', { name: isolate(card.host.name) })}
          </p>
        )}
        {talks && (
          <p className={styles.what} role="note">
            {t('room.door.call', { name: isolate(talks.name) })}
          </p>
        )}
        {!talks && here && (
          <p className={styles.what} role="note">
            {t('room.ended.elsewhere.text')}
          </p>
        )}
        {!talks && !here && leaves && (
          <p className={styles.what} role="note">
            {t(`room.door.${leaves.from}`, { title: isolate(leaves.title) })}
          </p>
        )}
        <div className={styles.ways}>
          {talks ? (
            <Button look="primary" large onClick={onCall}>
              {t('call.bar.back', { name: isolate(talks.name) })}
            </Button>
          ) : (
            <Button look="primary" large onClick={onGo}>
              {here ? t('room.ended.elsewhere.action') : t('lobby.listen')}
            </Button>
          )}
          <Button look="quiet" large onClick={onHome}>
            {t('common.toRooms')}
          </Button>
        </div>
      </div>
    </div>
  )
}

/**
 * The room as it answers a reader, and again whenever the lobby shows it or no longer does (`listed`,
 * undefined until that is known): it may be over, or open in another window of this person's.
 */
function useLook(
  roomId: string,
  listed: boolean | undefined,
): { room?: Room | null; over?: Problem } {
  const [seen, setSeen] = useState<{ room?: Room | null; over?: Problem }>({})
  useEffect(() => {
    if (listed === undefined) return
    let gone = false
    answer(api.GET('/api/rooms/{room}', { params: { path: { room: roomId } } })).then(
      (room) => {
        const ended = room.ended_at !== undefined
        const over = new Problem({
          code: 'room.ended',
          status: 410,
          detail: 'This room has ended.',
        })
        if (!gone) setSeen(ended ? { over } : { room })
      },
      (thrown) => {
        const over = Problem.of(thrown)
        // Anything else will be said if it still holds at the tap.
        if (!gone) setSeen(isFinal(over) ? { over } : { room: null })
      },
    )
    return () => {
      gone = true
    }
  }, [roomId, listed])
  return seen
}

/** The room one would be taken out of: the one of this window, or one sat in from another. */
function useLeaves(roomId: string): { from: 'stage' | 'room'; title: string } | undefined {
  const state = useSession()
  const who = useStore(me)
  const { cards } = useStore(lobby)
  if (state.status === 'live') {
    return { from: state.you.seat === undefined ? 'room' : 'stage', title: state.room.title }
  }
  if (who.status !== 'in') return undefined
  const mine = (person: { id: string }) => person.id === who.me.id
  const other = cards.find((c) => c.id !== roomId && (mine(c.host) || c.speakers.some(mine)))
  return other && { from: 'stage', title: other.title }
}
