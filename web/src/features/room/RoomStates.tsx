import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'
import type { Problem, Room } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { ConnectionCheck } from '../../people'
import { lobby } from '../../realtime/lobby'
import { Aura, Button, buttonClass, mood, type Parts, Quiet, Skeleton, useStore } from '../../ui'
import type { RoomState } from '../../voice/session'
import { toldEnd } from '../../voice/state'
import { Header } from './Header'
import type { Glimpse } from './model'
import styles from './Room.module.css'
import { useTalks } from './useTalks'

/** On the way in: what the lobby knew of the room stands already where it will stand. */
export function Joining({ card, onMinimise }: { card: Glimpse | undefined; onMinimise(): void }) {
  const { t } = useTranslation()
  return (
    <div className={styles.room} {...(card ? mood(card.category) : {})} aria-busy="true">
      <div className={styles.main}>
        <Header
          id={card?.id}
          title={card?.title}
          line={t('room.joining')}
          onMinimise={onMinimise}
        />
        <div className={styles.arriving}>
          {card ? (
            (card.speakers.length > 0 ? card.speakers : [card.host])
              .slice(0, 3)
              .map((person) => <Aura key={person.id} person={person} size={150} />)
          ) : (
            <Skeleton width={120} height={120} round />
          )}
        </div>
      </div>
    </div>
  )
}

type Why = Extract<RoomState, { status: 'ended' }>['why']

/** After the end: what happened, what it means, where to go. */
export function Ended({
  why,
  room,
  onHome,
  onBring,
}: {
  why: Why
  room: Room | undefined
  onHome(): void
  onBring(): void
}) {
  const { t } = useTranslation()
  const key = toldEnd({ why, room })
  // Whom one is kept apart from is not shown any more, and it may be the host.
  const people = room && why !== 'closed' ? [room.host] : []
  return (
    <Farewell
      room={room}
      people={people}
      title={t(`room.ended.${key}.title`)}
      text={t(`room.ended.${key}.text`, { name: isolate(room?.host.name ?? '') })}
      actions={
        why === 'elsewhere' ? (
          <>
            <Button look="primary" large onClick={onBring}>
              {t('room.ended.elsewhere.action')}
            </Button>
            <Button look="quiet" large onClick={onHome}>
              {t('common.toRooms')}
            </Button>
          </>
        ) : (
          <>
            <Button look="primary" large onClick={onHome}>
              {t('common.toRooms')}
            </Button>
            {/* Whoever spoke finds their draft there. */}
            {room?.recorded && key !== 'closed' && (
              <Link
                to="/replays"
                search={{ mine: true }}
                className={buttonClass({ look: 'quiet', large: true })}
              >
                {t('room.ended.replays')}
              </Link>
            )}
          </>
        )
      }
    />
  )
}

/** The door did not open. */
export function Failed({
  problem,
  onHome,
  onCall,
  onRetry,
}: {
  problem: Problem
  onHome(): void
  onCall(): void
  onRetry(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const kind = whyFailed(problem)
  const talks = useTalks()
  // Once the call is over, trying again works.
  const back = kind === 'call' && talks ? isolate(talks.name) : undefined
  const final = isFinal(problem)
  const blocked = kind === 'blocked'
  const others = useOthers(kind === 'gone')
  return (
    <Farewell
      room={undefined}
      people={[]}
      title={t(`room.failed.${kind}.title`)}
      text={
        kind === 'other'
          ? say(problem)
          : back !== undefined
            ? t('room.door.call', { name: back })
            : t(kind === 'gone' && !others ? 'room.failed.gone.alone' : `room.failed.${kind}.text`)
      }
      more={kind === 'offline' && <ConnectionCheck />}
      actions={
        <>
          {back !== undefined && (
            <Button look="primary" large onClick={onCall}>
              {t('call.bar.back', { name: back })}
            </Button>
          )}
          {!final && back === undefined && (
            <Button look="primary" large onClick={onRetry}>
              {t('common.retry')}
            </Button>
          )}
          {blocked && (
            <Link to="/me" hash="blocked" className={buttonClass({ look: 'quiet', large: true })}>
              {t('room.failed.blocked.action')}
            </Link>
          )}
          <Button look={final ? 'primary' : 'quiet'} large onClick={onHome}>
            {t('common.toRooms')}
          </Button>
        </>
      }
    />
  )
}

/** Whether other rooms are open; read where somebody is told so. */
function useOthers(looks: boolean): boolean {
  const { status, cards } = useStore(lobby)
  useEffect(() => (looks ? lobby.start() : undefined), [looks])
  return looks && status === 'ready' && cards.length > 0
}

/** Whether no later try can open the door. */
export function isFinal(problem: Problem): boolean {
  return ['gone', 'removed', 'women', 'verified', 'blocked'].includes(whyFailed(problem))
}

const gates: Record<string, Room['gate']> = {
  'room.followers_only': 'followers',
  'room.club_only': 'club',
  'room.full': 'full',
  'room.pin_needed': 'pin',
  'room.pin_wrong': 'pin',
  'room.pin_spent': 'pin',
  'room.pin_network': 'pin',
}

/** What would open the door, if something would. */
export const gateOf = (problem: Problem | undefined): Room['gate'] => problem && gates[problem.code]
export const isGate = (problem: Problem) => gateOf(problem) !== undefined

const whys = {
  offline: 'offline',
  'room.in_call': 'call',
  'room.women_only': 'women',
  'room.verified_only': 'verified',
  'room.blocked_here': 'blocked',
} as const
type Known = keyof typeof whys

function whyFailed(problem: Problem): (typeof whys)[Known] | 'gone' | 'removed' | 'other' {
  if (problem.code in whys) return whys[problem.code as Known]
  if (problem.code === 'room.removed') return 'removed'
  if (problem.code === 'room.not_found' || problem.code === 'room.ended') return 'gone'
  // An address that is no room's at all.
  return problem.status === 404 || problem.status === 422 ? 'gone' : 'other'
}

function Farewell({
  room,
  people,
  title,
  text,
  more,
  actions,
}: {
  room: Room | undefined
  people: readonly Room['host'][]
  title: string
  text: string
  /** What may help. */
  more?: Parts
  actions: ReactNode
}) {
  // Where the room was scrolled to is no place of this page.
  useEffect(() => {
    window.scrollTo(0, 0) // a promise in newer browsers: not to be returned, React would call it
  }, [])
  return (
    <div className={styles.room} {...(room ? mood(room.category) : {})}>
      <div className={styles.main}>
        <div className={styles.farewell}>
          {people.length === 0 && <Quiet seed={title} />}
          {people.map((person) => (
            <span key={person.id} className={styles.gone}>
              <Aura person={person} size={200} />
            </span>
          ))}
          {room && (
            <p className={styles.was}>
              <bdi>{room.title}</bdi>
            </p>
          )}
          <h1>{title}</h1>
          <p className={styles.what}>{text}</p>
          <div className={styles.ways}>{actions}</div>
          {more && <div className={styles.more}>{more}</div>}
        </div>
      </div>
    </div>
  )
}
