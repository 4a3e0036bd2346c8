import { MicOff, Play, Square } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { PublicRoom, PublicSpeaker } from '../../api'
import { isolate, useTranslation } from '../../i18n'
import { LanguageChoice } from '../../i18n/LanguageChoice'
import { useProblemText } from '../../i18n/problem'
import { RecordedMark } from '../../people/Entry'
import {
  Aura,
  Button,
  Icon,
  mood,
  type Parts,
  Quiet,
  Skeleton,
  useDesk,
  useStore,
  useTitle,
} from '../../ui'
import { level } from '../../voice/levels'
import { ownMediaKeys } from '../../voice/mediaKeys'
import { publicControls } from '../../voice/publicControls'
import { PublicListening, type PublicListeningState } from '../../voice/publicListening'
import styles from './SharePage.module.css'
import { usePublicRoom } from './usePublicRoom'

/**
 * A room for people without an account, where its host allows it: who is on stage, and the sound.
 * `otherwise` stands in its place if there is no such room; `onJoin` leads to the sign-in.
 */
export function SharePage({
  roomId,
  otherwise,
  onJoin,
}: {
  roomId: string
  otherwise: ReactNode
  onJoin(): void
}) {
  const { t } = useTranslation()
  const { seen, again } = usePublicRoom(roomId)
  const gone = seen.status === 'gone'
  const room = seen.status === 'there' ? seen.room : undefined

  switch (seen.status) {
    case 'none':
      return otherwise
    case 'loading':
      return (
        <Frame onJoin={onJoin} busy>
          <Words title={undefined} line={t('share.loading')} />
          <div className={styles.stage}>
            <Skeleton width={150} height={150} round />
          </div>
        </Frame>
      )
    case 'failed':
      return (
        <Frame
          onJoin={onJoin}
          play={
            <Button look="primary" large full onClick={again}>
              {t('common.retry')}
            </Button>
          }
        >
          <Nothing title={t('share.failed.title')} text={t('app.offline.text')} />
        </Frame>
      )
    default:
      return (
        <Shared
          {...{ roomId, room, gone, again, onJoin }}
          stale={room !== undefined && seen.status === 'there' && seen.stale}
        />
      )
  }
}

function Shared({
  roomId,
  room,
  gone,
  stale,
  again,
  onJoin,
}: {
  roomId: string
  room: PublicRoom | undefined
  gone: boolean
  stale: boolean
  again(): void
  onJoin(): void
}) {
  const { t } = useTranslation()
  const listening = useListening(roomId, room, again)
  const state = useStore(listening)
  useEffect(() => {
    if (gone) listening.end()
  }, [gone, listening])
  const title = room?.title
  useTitle(title)
  useEffect(() => {
    if (title === undefined) return
    return ownMediaKeys([publicControls(listening, title)])
  }, [listening, title])

  if (gone || state.status === 'gone' || !room) {
    return (
      <Frame onJoin={onJoin}>
        <Nothing title={t('share.gone.title')} text={t('share.gone.text')} />
      </Frame>
    )
  }
  return (
    <Frame
      onJoin={onJoin}
      room={room}
      play={<Control listening={listening} state={state} stale={stale} />}
    >
      <Words
        title={room.title}
        line={
          <>
            {room.recorded && <RecordedMark />}
            <span className={styles.mood}>{t(`category.${room.category}`)}</span>
            <span>{` · ${t('share.line')}`}</span>
          </>
        }
      />
      {room.stage.length > 0 ? (
        <Stage speakers={room.stage} />
      ) : (
        <div className={styles.empty}>
          <Quiet seed={roomId} />
          <p>{t('share.empty')}</p>
        </div>
      )}
    </Frame>
  )
}

/** The sound of this page; a voice that nobody on stage has, or somebody muted, makes it look again. */
function useListening(
  roomId: string,
  room: PublicRoom | undefined,
  again: () => void,
): PublicListening {
  // An object: the same voice once more is news again.
  const [heard, setHeard] = useState<{ voice: string }>()
  const [listening] = useState(() => new PublicListening(roomId, (voice) => setHeard({ voice })))
  useEffect(() => {
    listening.prepare()
    return () => listening.close()
  }, [listening])
  const stage = useRef(room?.stage)
  stage.current = room?.stage
  useEffect(() => {
    if (!heard) return
    const talks = stage.current?.some((s) => String(s.voice) === heard.voice && !s.muted)
    if (!talks) again()
  }, [heard, again])
  return listening
}

function Frame({
  room,
  play,
  busy,
  onJoin,
  children,
}: {
  room?: PublicRoom
  play?: Parts
  busy?: boolean
  onJoin(): void
  children: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <main
      className={styles.page}
      {...(room ? mood(room.category) : {})}
      aria-busy={busy || undefined}
      data-testid="share"
    >
      <div className={styles.top}>
        <p className={styles.mark}>Heyy</p>
        <LanguageChoice />
      </div>
      <div className={styles.main}>{children}</div>
      <div className={styles.foot}>
        {play}
        <div className={styles.join}>
          <p>{t('share.what')}</p>
          <Button look="quiet" onClick={onJoin}>
            {t('share.join')}
          </Button>
        </div>
      </div>
    </main>
  )
}

function Words({ title, line }: { title: string | undefined; line: ReactNode }) {
  return (
    <header className={styles.words}>
      {title === undefined ? (
        <>
          <h1 className="only-heard">{line}</h1>
          <Skeleton width="80%" height="2rem" />
        </>
      ) : (
        <h1 dir="auto">{title}</h1>
      )}
      <p>{line}</p>
    </header>
  )
}

function Nothing({ title, text }: { title: string; text: string }) {
  return (
    <div className={styles.nothing}>
      <Quiet seed={title} />
      <h1>{title}</h1>
      <p role="status">{text}</p>
    </div>
  )
}

/** CSS pixels of an aura's box by how many are on stage. */
const sizeFor = (count: number) =>
  count <= 1 ? 280 : count <= 2 ? 200 : count <= 4 ? 164 : count <= 6 ? 136 : 112

function Stage({ speakers }: { speakers: readonly PublicSpeaker[] }) {
  const { t } = useTranslation()
  const desk = useDesk()
  const size = sizeFor(speakers.length) * (desk ? 1.2 : 1)
  return (
    <ul
      className={styles.stage}
      data-many={speakers.length > 4 || undefined}
      aria-label={t('share.stage')}
    >
      {speakers.map((speaker) => (
        <li key={speaker.voice}>
          <Speaker speaker={speaker} size={size} />
        </li>
      ))}
    </ul>
  )
}

/** Whoever does not want to be seen here is a ring without a name, of this room alone. */
function Speaker({ speaker, size }: { speaker: PublicSpeaker; size: number }) {
  const { t } = useTranslation()
  const { aura, muted } = speaker
  const voice = String(speaker.voice)
  const name = speaker.name ?? t('share.somebody')
  return (
    <>
      <span className={styles.light}>
        <Aura
          person={{
            name: speaker.name ?? '',
            seed: aura?.seed ?? speaker.voice,
            ...(aura?.voice ? { voice: aura.voice } : {}),
          }}
          size={size}
          level={() => level(voice)}
        />
      </span>
      <span className={styles.label} data-nobody={speaker.name === undefined || undefined}>
        <bdi className="cut" aria-hidden={muted || undefined}>
          {name}
        </bdi>
        {muted && (
          <>
            <span className="only-heard">{t('share.muted', { name: isolate(name) })}</span>
            <Icon of={MicOff} size={16} />
          </>
        )}
      </span>
    </>
  )
}

/** One button for the sound, and one line that says how it is. */
function Control({
  listening,
  state,
  stale,
}: {
  listening: PublicListening
  state: PublicListeningState
  stale: boolean
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const { status } = state
  const off = status === 'idle' || status === 'refused' || status === 'gone'
  const text = (() => {
    if (status === 'refused') return say(state.problem)
    if (status === 'stuck') return t('sound.stuck.blocked')
    if (status === 'blocked') return t('sound.blocked')
    if (status === 'reconnecting') return t('room.notice.reconnecting')
    if (stale) return t('app.offline.note')
    if (status === 'connecting') return t('share.connecting')
    return status === 'playing' ? t('share.playing') : t('share.idle')
  })()
  const plays = off || status === 'blocked'
  return (
    <div className={styles.control}>
      <button
        type="button"
        data-primary=""
        className={styles.play}
        data-on={!plays || undefined}
        aria-busy={status === 'connecting' || undefined}
        onClick={() => (plays ? listening.play() : listening.stop())}
      >
        <span className={styles.round}>
          <Icon of={plays ? Play : Square} size={28} />
        </span>
        <span>
          {status === 'blocked' ? t('sound.turnOn') : off ? t('share.play') : t('share.stop')}
        </span>
      </button>
      <p role="status">{text}</p>
    </div>
  )
}
