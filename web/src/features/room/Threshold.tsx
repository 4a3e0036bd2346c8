import type { ReactNode } from 'react'
import type { Problem, Room } from '../../api'
import { apart, useTranslation } from '../../i18n'
import { Aura, Button, mood, Quiet, Skeleton } from '../../ui'
import type { RoomState } from '../../voice/session'
import { Header } from './Header'
import type { Glimpse } from './model'
import styles from './Room.module.css'

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
  const mine = why === 'host' && room?.you?.role === 'host'
  const key = mine ? 'you' : why
  const people = room ? [room.host] : []
  return (
    <Farewell
      room={room}
      people={people}
      title={t(`room.ended.${key}.title`)}
      text={t(`room.ended.${key}.text`, { name: apart(room?.host.name ?? '') })}
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
          <Button look="primary" large onClick={onHome}>
            {t('common.toRooms')}
          </Button>
        )
      }
    />
  )
}

/** The door did not open. */
export function Failed({
  problem,
  onHome,
  onRetry,
}: {
  problem: Problem
  onHome(): void
  onRetry(): void
}) {
  const { t } = useTranslation()
  const kind = whyFailed(problem)
  const final = kind === 'gone' || kind === 'removed'
  return (
    <Farewell
      room={undefined}
      people={[]}
      title={t(`room.failed.${kind}.title`)}
      text={t(`room.failed.${kind}.text`)}
      actions={
        <>
          {!final && (
            <Button look="primary" large onClick={onRetry}>
              {t('common.retry')}
            </Button>
          )}
          <Button look={final ? 'primary' : 'quiet'} large onClick={onHome}>
            {t('common.toRooms')}
          </Button>
        </>
      }
    />
  )
}

function whyFailed(problem: Problem): 'gone' | 'removed' | 'offline' | 'other' {
  if (problem.code === 'offline') return 'offline'
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
  actions,
}: {
  room: Room | undefined
  people: readonly Room['host'][]
  title: string
  text: string
  actions: ReactNode
}) {
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
        </div>
      </div>
    </div>
  )
}
