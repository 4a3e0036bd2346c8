import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Person } from '../../api'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { EntryMark, MicCheck, micWasChecked } from '../../people'
import { mood, toast, useStore } from '../../ui'
import { captionsTyped } from '../../voice/captionChoices'
import { session } from '../../voice/session'
import type { LiveState } from '../../voice/state'
import { Audience } from './Audience'
import { Bar } from './Bar'
import { CaptionField, Captions } from './Captions'
import { CardOffered } from './CardOffered'
import { Chat, SideChat } from './Chat'
import { useCaptions, useCaptionsOfMyVoice } from './captions'
import { EditRoom } from './EditRoom'
import { EntrySheet } from './EntrySheet'
import { HandsButton, HandsSheet, Invitation, RaiseHand } from './Hands'
import { Header } from './Header'
import { MicHelp } from './MicHelp'
import { gone, leads, stageOf } from './model'
import { Notice } from './Notice'
import { PersonSheet } from './PersonSheet'
import { PinnedLink } from './PinnedLink'
import { Reactions } from './Reactions'
import { RecentSheet } from './Recent'
import { RecordedBadge, RecordedQuestion, RecordedSheet } from './Recorded'
import styles from './Room.module.css'
import { RoomLog } from './RoomLog'
import { RoomMenu } from './RoomMenu'
import { RoomSound } from './RoomSound'
import { Seats } from './Seats'
import { PublicBadge, PublicSheet, useShown } from './Sharing'
import { TalkBar } from './TalkBar'
import { Ringing } from './TalkPrivately'
import { useKnown } from './useKnown'

/** What lies over the room: at most one thing at a time. */
type Over =
  | { what: 'nothing' }
  | { what: 'menu' }
  /** left: they are not in the room any more. */
  | { what: 'person'; id: string; left?: Person }
  | { what: 'check'; seat: number | undefined }
  /** That anybody can listen: on asking, or before a seat is taken. */
  | { what: 'public'; seat?: number; sits: boolean }
  | { what: 'mic' }
  | { what: 'hands' }
  | { what: 'log' }
  | { what: 'recent' }
  | { what: 'edit' }
  | { what: 'entry' }
  | { what: 'sound' }
  | { what: 'recorded' }
  | { what: 'raise' }
  /** The microphone is looked at before an invitation is accepted. */
  | { what: 'accept' }

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
  /** Whoever takes a seat is told once that anybody can listen. */
  const [told, setTold] = useState(false)
  const { room, you } = live
  const shared = room.shared === true
  const shown = useShown()
  const known = useKnown(room)
  const stage = stageOf(room, known)
  const taken = stage.seats.filter((seat) => seat.member).length + (stage.host ? 1 : 0)
  // Where everybody has a seat, only a host who came back to a full room listens.
  const listens = room.audience || room.listeners > 0
  const { lines, captioned } = useCaptions(room)
  const types = useStore(captionsTyped) && you.seat !== undefined
  useCaptionsOfMyVoice(live)
  const close = () => setOver({ what: 'nothing' })
  const checking = over.what === 'check' || over.what === 'accept'

  // By the time they have heard themselves, the connection to talk stands.
  useEffect(() => {
    if (checking) session.prepareSeat(true)
  }, [checking])

  async function sit(seat?: number) {
    setSitting(true)
    const problem = await session.sit(seat)
    setSitting(false)
    if (problem) toast({ text: say(problem) })
  }

  async function accept() {
    setSitting(true)
    const problem = await session.answerInvitation(true)
    setSitting(false)
    if (problem) toast({ text: say(problem) })
  }

  async function hand() {
    if (you.hand === undefined) {
      setOver({ what: 'raise' })
      return
    }
    const problem = await session.lowerHand()
    if (problem) toast({ text: say(problem) })
  }

  async function lock(seat: number, locked: boolean) {
    const problem = await session.lockSeat(seat, locked)
    const done = t(locked ? 'room.seat.lockedNow' : 'room.seat.openNow', { seat })
    toast({ text: problem ? say(problem) : done })
  }

  /** The first seat of a person begins with hearing oneself. */
  function wish(seat?: number) {
    if (!micWasChecked()) setOver({ what: 'check', seat })
    else if (shared && !told) {
      setOver({ what: 'public', sits: true, ...(seat === undefined ? {} : { seat }) })
    } else void sit(seat)
  }

  const person =
    over.what === 'person'
      ? ([...room.members, ...stage.audience].find((m) => m.person.id === over.id) ??
        (over.left && gone(over.left)))
      : undefined

  return (
    <div className={styles.room} {...mood(room.category)} data-testid="room">
      <div className={styles.main}>
        <Header
          id={room.id}
          title={room.title}
          line={
            <>
              <EntryMark entry={room} />
              {room.recorded && <RecordedBadge onOpen={() => setOver({ what: 'recorded' })} />}
              {shared && <PublicBadge onOpen={() => setOver({ what: 'public', sits: false })} />}
              <span className={styles.mood}>{t(`category.${room.category}`)}</span>
              {room.club && (
                <>
                  <span>{' · '}</span>
                  <Link to="/clubs/$club" params={{ club: room.club.id }} className={styles.club}>
                    <bdi>{room.club.name}</bdi>
                  </Link>
                </>
              )}
              <span>{` · ${t('room.stage', { count: taken })}`}</span>
              {room.listeners > 0 && (
                <span>{` · ${t('room.listening', { count: room.listeners })}`}</span>
              )}
            </>
          }
          onMinimise={onMinimise}
          onMore={() => setOver({ what: 'menu' })}
        />
        <PinnedLink link={room.link} />
        <Notice live={live} onMic={() => setOver({ what: 'mic' })} />
        <RecordedQuestion room={room} you={you} />
        {room.shape === 'stage' && <CardOffered />}
        <Ringing />
        {leads(you) && <HandsButton room={room} onOpen={() => setOver({ what: 'hands' })} />}
        <Seats
          stage={stage}
          you={you}
          onPerson={(id) => setOver({ what: 'person', id })}
          onSeat={wish}
          onLock={(seat, locked) => void lock(seat, locked)}
        />
        <Captions room={room} lines={lines} />
        {types && <CaptionField room={room.id} />}
        <div className={styles.below}>
          {listens && (
            <Audience
              stage={stage}
              you={you}
              room={room}
              onPerson={(id) => setOver({ what: 'person', id })}
            />
          )}
        </div>
      </div>
      <aside className={styles.side}>
        <SideChat
          room={room}
          you={you}
          onPerson={(id) => setOver({ what: 'person', id })}
          otherwise={
            listens && (
              <Audience
                stage={stage}
                you={you}
                room={room}
                onPerson={(id) => setOver({ what: 'person', id })}
                rows
              />
            )
          }
        />
      </aside>
      <Chat room={room} you={you} onPerson={(id) => setOver({ what: 'person', id })} />
      <TalkBar room={room} />
      <Reactions room={room.id} />
      <Bar
        live={live}
        full={
          room.shape === 'stage'
            ? taken >= room.seats
            : stage.seats.every((seat) => seat.member || (seat.locked && !leads(you)))
        }
        sitting={sitting}
        onLeave={onLeave}
        onSit={() => wish()}
        onHand={() => void hand()}
        onMicHelp={() => setOver({ what: 'mic' })}
      />

      <RoomMenu
        open={over.what === 'menu'}
        onOpenChange={(open) => !open && close()}
        room={room}
        you={you}
        onHands={() => setOver({ what: 'hands' })}
        onLog={() => setOver({ what: 'log' })}
        onRecent={() => setOver({ what: 'recent' })}
        onEdit={() => setOver({ what: 'edit' })}
        onEntry={() => setOver({ what: 'entry' })}
        onSound={() => setOver({ what: 'sound' })}
      />
      <RecordedSheet
        open={over.what === 'recorded'}
        onOpenChange={(open) => !open && close()}
        room={room}
      />
      <RoomSound
        open={over.what === 'sound'}
        onOpenChange={(open) => !open && close()}
        room={room}
        sits={you.seat !== undefined}
        captioned={captioned}
      />
      <HandsSheet
        open={over.what === 'hands'}
        onOpenChange={(open) => !open && close()}
        room={room}
      />
      <EditRoom open={over.what === 'edit'} onOpenChange={(open) => !open && close()} room={room} />
      <RoomLog open={over.what === 'log'} onOpenChange={(open) => !open && close()} room={room} />
      <RecentSheet
        open={over.what === 'recent'}
        onOpenChange={(open) => !open && close()}
        room={room}
        onPerson={(left) => setOver({ what: 'person', id: left.id, left })}
      />
      <EntrySheet
        open={over.what === 'entry'}
        onOpenChange={(open) => !open && close()}
        room={room}
      />
      <RaiseHand
        open={over.what === 'raise'}
        onOpenChange={(open) => !open && close()}
        sits={you.seat !== undefined}
      />
      {over.what !== 'accept' && (
        <Invitation
          room={room}
          onAccept={() => (micWasChecked() ? void accept() : setOver({ what: 'accept' }))}
        />
      )}
      <PersonSheet
        open={over.what === 'person'}
        onOpenChange={(open) => !open && close()}
        id={over.what === 'person' ? over.id : undefined}
        member={person}
        you={you}
        room={room.id}
        audience={room.audience}
        cards={room.shape === 'stage'}
        crowded={room.crowded}
      />
      {checking && (
        <MicCheck
          person={you.person}
          words={{
            lead: shared
              ? `${t('room.check.lead')} ${t('room.shared.seat', { public: shown })}`
              : t('room.check.lead'),
            denied: t('room.mic.deniedLead'),
            missing: t('room.mic.missingLead'),
            go: t('room.check.go'),
            later: t('room.check.later'),
          }}
          onClose={() => {
            close()
            session.prepareSeat(false)
          }}
          onGo={() => {
            close()
            setTold(shared)
            void (over.what === 'accept' ? accept() : sit(over.seat))
          }}
        />
      )}
      <PublicSheet
        open={over.what === 'public'}
        onOpenChange={(open) => !open && close()}
        shown={shown}
        {...(over.what === 'public' && over.sits
          ? {
              onSit: () => {
                close()
                setTold(true)
                void sit(over.seat)
              },
            }
          : {})}
      />
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
