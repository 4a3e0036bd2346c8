import { Armchair, ArrowDownFromLine, DoorOpen, Mic, MicOff } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { Icon } from '../../ui'
import { level } from '../../voice/levels'
import { session } from '../../voice/session'
import type { LiveState } from '../../voice/state'
import styles from './Bar.module.css'
import { useLevel } from './useLevel'

/** At thumb height: leave, the microphone, the seat. */
export function Bar({
  live,
  full,
  sitting,
  onLeave,
  onSit,
  onMicHelp,
}: {
  live: LiveState
  full: boolean
  sitting: boolean
  onLeave(): void
  onSit(): void
  onMicHelp(): void
}) {
  const { t } = useTranslation()
  const { you } = live
  const seated = you.seat !== undefined
  const why = !you.may_sit ? t('room.bar.mayNot') : full ? t('room.bar.full') : undefined

  return (
    <div className={styles.bar} role="toolbar" aria-label={t('room.bar.label')}>
      <div className={styles.inner}>
        <button type="button" className={styles.side} onClick={onLeave}>
          <Icon of={DoorOpen} />
          <span>{t('room.bar.leave')}</span>
        </button>
        {seated ? (
          <Microphone live={live} onHelp={onMicHelp} />
        ) : (
          <button
            type="button"
            className={styles.sit}
            aria-disabled={why !== undefined || sitting || undefined}
            aria-busy={sitting || undefined}
            aria-describedby={why ? 'why-not-sit' : undefined}
            onClick={() => {
              if (!why && !sitting) onSit()
            }}
          >
            <Icon of={Armchair} size={24} />
            <span>{t('room.bar.sit')}</span>
          </button>
        )}
        {seated ? (
          <button type="button" className={styles.side} onClick={() => void session.stand()}>
            <Icon of={ArrowDownFromLine} />
            <span>{t('room.bar.stand')}</span>
          </button>
        ) : (
          <span className={styles.side} id="why-not-sit">
            {why}
          </span>
        )}
      </div>
    </div>
  )
}

/** The one big round control. Its inside is the level; its name says what a press does. */
function Microphone({ live, onHelp }: { live: LiveState; onHelp(): void }) {
  const { t } = useTranslation()
  const { mic, you } = live
  const open = mic === 'open'
  const disc = useLevel<HTMLSpanElement>(open ? () => level(you.person.id) : undefined)

  if (mic === 'denied' || mic === 'missing') {
    return (
      <button
        type="button"
        className={styles.mic}
        data-mic={mic}
        aria-label={t('room.bar.noMicLong')}
        onClick={onHelp}
      >
        <span className={styles.round}>
          <Icon of={MicOff} size={28} />
        </span>
        <span>{t('room.bar.noMic')}</span>
      </button>
    )
  }
  return (
    <button
      type="button"
      className={styles.mic}
      data-mic={mic}
      aria-label={open ? t('room.bar.muteLong') : t('room.bar.unmuteLong')}
      aria-keyshortcuts="m"
      aria-disabled={mic === 'off' || undefined}
      onClick={() => {
        if (mic !== 'off') void session.setMuted(open)
      }}
    >
      <span className={styles.round}>
        <span ref={disc} className={styles.level} />
        <Icon of={open ? Mic : MicOff} size={28} />
      </span>
      <span>
        {mic === 'off' ? t('room.bar.waking') : open ? t('room.bar.mute') : t('room.bar.unmute')}
      </span>
    </button>
  )
}
