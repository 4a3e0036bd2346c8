import { Link } from '@tanstack/react-router'
import { type FormEvent, useEffect, useId, useState } from 'react'
import { answer, api, me, Problem, type Room } from '../../api'
import { isolate, namesAndMore, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import {
  allTalk,
  EntryMark,
  FollowButton,
  isPIN,
  PINField,
  RecordedMark,
  useBonds,
} from '../../people'
import { lobby } from '../../realtime/lobby'
import { Aura, Button, buttonClass, mood, Skeleton, useStore } from '../../ui'
import { useSession } from '../../voice/session'
import { Header } from './Header'
import styles from './Room.module.css'
import { Failed, gateOf, isFinal } from './RoomStates'
import { useTalks } from './useTalks'

/**
 * Before a room that somebody was led to by an address, from another site or typed. What is shown is
 * what the lobby knows and what the room answers to a reader; the people in it are told nothing
 * before the tap. What stands in the way is said with what opens it.
 */
export function Door({
  roomId,
  refused,
  onGo,
  onCall,
  onHome,
}: {
  roomId: string
  /** Why the last try to come in failed. */
  refused?: Problem
  onGo(pin?: string): void
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
  const bonds = useBonds()
  const [looks, setLooks] = useState(0)
  const form = useId()
  const known = status === 'loading' ? undefined : card !== undefined
  // Whoever follows the host now may come in.
  const { room, over } = useLook(roomId, known, `${looks} ${bonds.following.size}`)
  if (over) return <Failed problem={over} onHome={onHome} onCall={onCall} onRetry={() => onGo()} />
  const here = room?.you !== undefined
  const title = card?.title ?? room?.title
  const waits = status === 'loading' || (title === undefined && room === undefined)
  const gate = talks || here ? undefined : room ? room.gate : gateOf(refused)
  const told = card ?? room
  const host = told?.host
  const seats = told ? allTalk(told) : false
  const people = card && card.speakers.length > 0 ? card.speakers : host && told ? [host] : []
  return (
    <div className={styles.room} {...(card ? mood(card.category) : {})} data-testid="door">
      <div className={styles.main}>
        <Header
          id={roomId}
          title={title ?? (waits ? undefined : t('room.door.title'))}
          line={
            <>
              {told?.recorded && <RecordedMark />}
              {told && <EntryMark entry={told} />}
              <span>{here ? t('room.door.here') : t('room.door.line')}</span>
            </>
          }
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
        {!talks && !here && seats && (
          <p className={styles.what} role="note">
            {t('room.door.allTalk')}
          </p>
        )}
        {!talks && !here && leaves && (
          <p className={styles.what} role="note">
            {t(`room.door.${leaves.from}`, { title: isolate(leaves.title) })}
          </p>
        )}
        {gate === 'pin' && <PINForm id={form} refused={refused} onGo={onGo} />}
        {gate === 'followers' && host && (
          <>
            <p className={styles.what} role="note">
              {t('room.door.followers', { name: isolate(host.name) })}
            </p>
            <FollowButton person={host} />
          </>
        )}
        {gate === 'club' && (
          <p className={styles.what} role="note">
            {told?.club
              ? t('room.door.club', { name: isolate(told.club.name) })
              : t('problem.room_club_only')}
          </p>
        )}
        {gate === 'full' && (
          <p className={styles.what} role="note">
            {t('room.door.full')}
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
        <div className={styles.ways}>
          {talks ? (
            <Button look="primary" large onClick={onCall}>
              {t('call.bar.back', { name: isolate(talks.name) })}
            </Button>
          ) : gate === 'pin' ? (
            <Button look="primary" large type="submit" form={form}>
              {t('room.door.comeIn')}
            </Button>
          ) : gate === 'full' ? (
            <Button look="primary" large onClick={() => setLooks((n) => n + 1)}>
              {t('room.door.again')}
            </Button>
          ) : gate === 'club' && told?.club ? (
            <Link
              to="/clubs/$club"
              params={{ club: told.club.id }}
              className={buttonClass({ look: 'primary', large: true })}
            >
              {t('room.door.toClub')}
            </Link>
          ) : gate === 'followers' || gate === 'club' ? null : (
            <Button look="primary" large onClick={() => onGo()}>
              {t(
                here ? 'room.ended.elsewhere.action' : seats ? 'room.door.comeIn' : 'lobby.listen',
              )}
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

/** The PIN of a room; a wrong one says how many tries are left. */
function PINForm({
  id,
  refused,
  onGo,
}: {
  id: string
  refused: Problem | undefined
  onGo(pin: string): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [pin, setPIN] = useState('')
  const [short, setShort] = useState(false)
  const wrong = refused && refused.code !== 'room.pin_needed' && gateOf(refused) === 'pin'
  function submit(event: FormEvent) {
    event.preventDefault()
    setShort(!isPIN(pin))
    if (isPIN(pin)) onGo(pin)
  }
  return (
    <form id={id} onSubmit={submit} noValidate className={styles.pin}>
      <PINField
        value={pin}
        onChange={setPIN}
        error={short ? t('problem.room_pin_shape') : wrong ? say(refused) : undefined}
        hint={t('room.door.pin')}
        focus={wrong === true}
      />
    </form>
  )
}

/**
 * The room as it answers a reader, and again whenever the lobby shows it or no longer does (`listed`,
 * undefined until that is known), or somebody turns to this window: it may be over, or open in another
 * window of this person's. `again` reads once more when it changes.
 */
function useLook(
  roomId: string,
  listed: boolean | undefined,
  again: string,
): { room?: Room | null; over?: Problem } {
  const [seen, setSeen] = useState<{ room?: Room | null; over?: Problem }>({})
  const [turns, setTurns] = useState(0)
  useEffect(() => {
    const turned = () => setTurns((n) => n + 1)
    window.addEventListener('focus', turned)
    return () => window.removeEventListener('focus', turned)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: each turn to this window reads anew
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
  }, [roomId, listed, turns, again])
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
