import { Link } from '@tanstack/react-router'
import { Hand, LogOut, Volume2, VolumeX, X } from 'lucide-react'
import { useTranslation } from '../i18n'
import { useMuting } from '../people'
import { Aura, Icon, IconButton, mood, useStore } from '../ui'
import { level } from '../voice/levels'
import { type RoomState, session } from '../voice/session'
import { Docked, Mute } from './Docked'
import styles from './Docked.module.css'

const faces = 2

/** The room that plays on while its person walks around. */
export function MiniPlayer({ room: state }: { room: Exclude<RoomState, { status: 'none' }> }) {
  const { t } = useTranslation()
  const silenced = useStore(session.silenced)
  const mute = useMuting()

  if (state.status === 'joining') {
    return (
      <Docked what="mini" label={t('mini.label')}>
        <p className={styles.alone}>{t('mini.joining')}</p>
      </Docked>
    )
  }

  if (state.status !== 'live') {
    const why =
      state.status === 'failed'
        ? 'failed'
        : state.why === 'removed' || state.why === 'closed' || state.why === 'elsewhere'
          ? state.why
          : 'ended'
    return (
      <Docked what="mini" label={t('mini.label')}>
        <p className={styles.alone}>{t(`mini.${why}`)}</p>
        <IconButton label={t('common.close')} icon={X} onClick={() => session.dismiss()} />
      </Docked>
    )
  }

  const { room, you, connection, mic, playback } = state
  const seated = room.members.filter((m) => m.present && m.seat !== undefined)
  const around = seated.length + room.listeners
  const waiting = connection === 'reconnecting' || connection === 'lost'
  const invited = room.invited === true && !waiting
  // After a reload, for example: nothing is heard until the tap that the browser wants.
  const blocked = playback === 'blocked' && !silenced
  const sound = blocked ? 'sound.turnOn' : silenced ? 'mini.listen' : 'mini.silence'
  const line = waiting
    ? t('mini.reconnecting')
    : invited
      ? t('mini.invited')
      : blocked
        ? t('sound.turnOn')
        : t('mini.here', { count: around })
  return (
    <Docked what="mini" label={t('mini.label')} mood={mood(room.category)}>
      <Link to="/rooms/$room" params={{ room: room.id }} viewTransition className={styles.way}>
        <span className={styles.faces}>
          {seated.slice(0, faces).map((m) => (
            <Aura key={m.person.id} person={m.person} size={60} level={() => level(m.person.id)} />
          ))}
        </span>
        <span className={styles.words}>
          <span className="only-heard">{`${t('mini.back', { title: room.title })}, `}</span>
          <bdi className={`${styles.name} cut`} aria-hidden>
            {room.title}
          </bdi>
          <span className={`${styles.state} cut numbers`} data-invited={invited || undefined}>
            {invited && <Icon of={Hand} size={16} />}
            <span>{line}</span>
          </span>
        </span>
      </Link>
      {you.seat !== undefined && <Mute mic={mic} onMuted={mute} />}
      <IconButton
        label={t(sound)}
        icon={silenced || blocked ? VolumeX : Volume2}
        onClick={() => session.quiet(!silenced && !blocked)}
      />
      <IconButton label={t('room.bar.leave')} icon={LogOut} onClick={() => session.leave()} />
    </Docked>
  )
}
