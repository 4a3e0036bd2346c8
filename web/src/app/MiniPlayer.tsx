import { Link } from '@tanstack/react-router'
import { LogOut, X } from 'lucide-react'
import { useTranslation } from '../i18n'
import { Aura, IconButton, mood } from '../ui'
import { level } from '../voice/levels'
import { type RoomState, session } from '../voice/session'
import { Docked, Mute } from './Docked'
import styles from './Docked.module.css'

const faces = 2

/** The room that plays on while its person walks around. */
export function MiniPlayer({ room: state }: { room: Exclude<RoomState, { status: 'none' }> }) {
  const { t } = useTranslation()

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

  const { room, you, connection, mic } = state
  const seated = room.members.filter((m) => m.present && m.seat !== undefined)
  const around = seated.length + room.listeners
  const waiting = connection === 'reconnecting' || connection === 'lost'
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
          <span className={`${styles.state} cut numbers`}>
            {waiting ? t('mini.reconnecting') : t('mini.here', { count: around })}
          </span>
        </span>
      </Link>
      {you.seat !== undefined && (
        <Mute mic={mic} onMuted={(muted) => void session.setMuted(muted)} />
      )}
      <IconButton label={t('room.bar.leave')} icon={LogOut} onClick={() => session.leave()} />
    </Docked>
  )
}
