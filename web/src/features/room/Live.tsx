import { useState } from 'react'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { MicCheck, micWasChecked } from '../../people'
import { mood, toast } from '../../ui'
import { session } from '../../voice/session'
import type { LiveState } from '../../voice/state'
import { Audience } from './Audience'
import { Bar } from './Bar'
import { Header } from './Header'
import { MicHelp } from './MicHelp'
import { stageOf } from './model'
import { Notice } from './Notice'
import { PersonSheet } from './PersonSheet'
import styles from './Room.module.css'
import { RoomMenu } from './RoomMenu'
import { Seats } from './Seats'

/** What lies over the room: at most one thing at a time. */
type Over =
  | { what: 'nothing' }
  | { what: 'menu' }
  | { what: 'person'; id: string }
  | { what: 'check'; seat: number | undefined }
  | { what: 'mic' }

/** Inside a room: who speaks, who listens, and one's own microphone. */
export function Live({
  live,
  onMinimise,
  onLeave,
}: {
  live: LiveState
  onMinimise(): void
  onLeave(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const [over, setOver] = useState<Over>({ what: 'nothing' })
  const [sitting, setSitting] = useState(false)
  const { room, you } = live
  const stage = stageOf(room)
  const taken = stage.seats.filter((seat) => seat.member).length + (stage.host ? 1 : 0)
  const close = () => setOver({ what: 'nothing' })

  async function sit(seat?: number) {
    setSitting(true)
    const problem = await session.sit(seat)
    setSitting(false)
    if (problem) toast({ text: t('room.refused', { reason: say(problem) }) })
  }

  /** The first seat of a person begins with hearing oneself. */
  function wish(seat?: number) {
    if (micWasChecked()) void sit(seat)
    else setOver({ what: 'check', seat })
  }

  const person =
    over.what === 'person' ? room.members.find((m) => m.person.id === over.id) : undefined

  return (
    <div className={styles.room} {...mood(room.category)} data-testid="room">
      <div className={styles.main}>
        <Header
          id={room.id}
          title={room.title}
          line={
            <>
              <span className={styles.mood}>{t(`category.${room.category}`)}</span>
              <span>{` · ${t('room.stage', { count: taken })}`}</span>
              {room.listeners > 0 && (
                <span>{` · ${t('room.listening', { count: room.listeners })}`}</span>
              )}
            </>
          }
          onMinimise={onMinimise}
          onMore={() => setOver({ what: 'menu' })}
        />
        <Notice live={live} onMic={() => setOver({ what: 'mic' })} />
        <Seats
          stage={stage}
          you={you}
          onPerson={(id) => setOver({ what: 'person', id })}
          onSeat={wish}
        />
        <div className={styles.below}>
          <Audience stage={stage} you={you} onPerson={(id) => setOver({ what: 'person', id })} />
        </div>
      </div>
      <aside className={styles.side}>
        <Audience stage={stage} you={you} onPerson={(id) => setOver({ what: 'person', id })} rows />
      </aside>
      <Bar
        live={live}
        full={stage.seats.every((seat) => seat.member)}
        sitting={sitting}
        onLeave={onLeave}
        onSit={() => wish()}
        onMicHelp={() => setOver({ what: 'mic' })}
      />

      <RoomMenu
        open={over.what === 'menu'}
        onOpenChange={(open) => !open && close()}
        host={you.role === 'host'}
      />
      <PersonSheet
        open={over.what === 'person'}
        onOpenChange={(open) => !open && close()}
        id={over.what === 'person' ? over.id : undefined}
        member={person}
        you={you}
        room={room.id}
      />
      {over.what === 'check' && (
        <MicCheck
          person={you.person}
          words={{
            lead: t('room.check.lead'),
            denied: t('room.mic.deniedLead'),
            missing: t('room.mic.missingLead'),
            go: t('room.check.go'),
            later: t('room.check.later'),
          }}
          onClose={close}
          onGo={() => {
            close()
            void sit(over.seat)
          }}
        />
      )}
      <MicHelp
        open={over.what === 'mic'}
        onOpenChange={(open) => !open && close()}
        why={live.mic === 'missing' || live.mic === 'taken' ? live.mic : 'denied'}
        onRetry={() => {
          close()
          void session.retryMic()
        }}
      />
    </div>
  )
}
