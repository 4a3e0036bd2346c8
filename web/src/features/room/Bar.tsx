import { Armchair, ArrowDownFromLine, DoorOpen } from 'lucide-react'
import { useTranslation } from '../../i18n'
import { Icon, MicButton } from '../../ui'
import { level } from '../../voice/levels'
import { session } from '../../voice/session'
import type { LiveState } from '../../voice/state'
import styles from './Bar.module.css'

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

function Microphone({ live, onHelp }: { live: LiveState; onHelp(): void }) {
  const { t } = useTranslation()
  const { mic, you } = live
  const mine = () => level(you.person.id)
  if (mic === 'denied' || mic === 'missing') {
    return (
      <MicButton
        mic="refused"
        level={mine}
        label={t('room.bar.noMicLong')}
        word={t('room.bar.noMic')}
        onPress={onHelp}
      />
    )
  }
  const open = mic === 'open'
  return (
    <MicButton
      mic={mic === 'off' ? 'closed' : mic}
      level={mine}
      label={open ? t('room.bar.muteLong') : t('room.bar.unmuteLong')}
      word={mic === 'off' ? t('room.bar.waking') : open ? t('room.bar.mute') : t('room.bar.unmute')}
      works={mic !== 'off'}
      onPress={() => void session.setMuted(open)}
    />
  )
}
