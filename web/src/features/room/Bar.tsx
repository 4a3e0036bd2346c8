import { Armchair, ArrowDownFromLine, DoorOpen } from 'lucide-react'
import { useEffect, useRef } from 'react'
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
  const bar = useRef<HTMLDivElement>(null)
  const before = useRef(seated)
  useEffect(() => {
    if (before.current === seated) return
    before.current = seated
    // What was pressed is gone: the focus goes to the big one, not to the top of the page.
    if (document.activeElement === document.body)
      bar.current?.querySelectorAll('button')[1]?.focus()
  }, [seated])
  const why = !you.can_speak ? t('room.bar.mayNot') : full ? t('room.bar.full') : undefined

  return (
    <div ref={bar} className={styles.bar} role="toolbar" aria-label={t('bar.label')}>
      <div className={styles.inner}>
        <button type="button" data-primary="" className={styles.side} onClick={onLeave}>
          <Icon of={DoorOpen} />
          <span>{t('room.bar.leave')}</span>
        </button>
        {seated ? (
          <Microphone live={live} onHelp={onMicHelp} />
        ) : (
          <button
            type="button"
            data-primary=""
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
  if (mic === 'denied' || mic === 'missing' || mic === 'taken') {
    return (
      <MicButton
        mic="refused"
        level={mine}
        label={t('mic.noneLong')}
        word={t('mic.none')}
        onPress={onHelp}
      />
    )
  }
  const open = mic === 'open'
  return (
    <MicButton
      mic={mic === 'off' ? 'closed' : mic}
      level={mine}
      label={mic === 'off' ? undefined : open ? t('mic.muteLong') : t('mic.unmuteLong')}
      word={mic === 'off' ? t('mic.waking') : open ? t('mic.mute') : t('mic.unmute')}
      works={mic !== 'off'}
      onPress={() => void session.setMuted(open)}
    />
  )
}
