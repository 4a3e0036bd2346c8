import { useTranslation } from '../../i18n'
import { Button, useStore } from '../../ui'
import { session } from '../../voice/session'
import type { LiveState } from '../../voice/state'
import styles from './Room.module.css'

/** What stands between this person and the voices, and the one thing to do about it. */
export function Notice({ live, onMic }: { live: LiveState; onMic(): void }) {
  const { t } = useTranslation()
  const { connection, stuck, playback, mic } = live
  const silenced = useStore(session.silenced)

  if (connection !== 'connected') {
    return (
      <div className={styles.notice} role="status">
        <p>{t(stuck ? `sound.stuck.${stuck}` : `room.notice.${connection}`)}</p>
      </div>
    )
  }
  if (playback === 'blocked') {
    return (
      <div className={styles.notice} role="status">
        <p>{t('sound.blocked')}</p>
        <Button look="primary" onClick={() => session.resumePlayback()}>
          {t('sound.turnOn')}
        </Button>
      </div>
    )
  }
  if (silenced) {
    return (
      <div className={styles.notice} role="status">
        <p>{t(live.mic === 'muted' ? 'room.notice.quiet' : 'room.notice.silenced')}</p>
        <Button look="primary" onClick={() => session.quiet(false)}>
          {t('mini.listen')}
        </Button>
      </div>
    )
  }
  if (mic === 'denied' || mic === 'missing' || mic === 'taken') {
    return (
      <div className={styles.notice} role="status">
        <p>{t(`mic.${mic}Title`)}</p>
        <Button look="quiet" onClick={onMic}>
          {t('room.mic.what')}
        </Button>
      </div>
    )
  }
  return null
}
