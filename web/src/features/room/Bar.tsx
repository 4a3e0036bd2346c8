import { Armchair, ArrowDownFromLine, DoorOpen, Hand } from 'lucide-react'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { useTranslation } from '../../i18n'
import { useProblemText } from '../../i18n/problem'
import { useMuting } from '../../people'
import { Icon, MicButton, toast } from '../../ui'
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
  onHand,
  onMicHelp,
}: {
  live: LiveState
  full: boolean
  sitting: boolean
  onLeave(): void
  onSit(): void
  onHand(): void
  onMicHelp(): void
}) {
  const { t } = useTranslation()
  const say = useProblemText()
  const { you } = live
  const seated = you.seat !== undefined
  const bar = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const { current } = bar
    if (!current) return
    // With large text it grows, and what stands above it gives way.
    const root = document.documentElement.style
    const sizes = new ResizeObserver(() => root.setProperty('--bar', `${current.offsetHeight}px`))
    sizes.observe(current)
    return () => {
      sizes.disconnect()
      root.removeProperty('--bar')
    }
  }, [])
  const before = useRef(seated)
  useEffect(() => {
    if (before.current === seated) return
    before.current = seated
    // What was pressed is gone: the focus goes to the big one, not to the top of the page.
    if (document.activeElement === document.body)
      bar.current?.querySelectorAll('button')[1]?.focus()
  }, [seated])
  const { room } = live
  const up = you.hand !== undefined
  // Where nobody sits down unasked, or no seat is free, one asks.
  const asks = !you.can_speak || full
  const why =
    !asks || up
      ? undefined
      : room.hands === 'off'
        ? t(you.can_speak ? 'room.bar.full' : 'room.bar.mayNot')
        : undefined

  async function stand() {
    const problem = await session.stand()
    if (problem) toast({ text: say(problem) })
  }

  return (
    <div ref={bar} className={styles.bar} role="toolbar" aria-label={t('bar.label')}>
      <div className={styles.inner}>
        <button type="button" data-primary="" className={styles.side} onClick={onLeave}>
          <Icon of={DoorOpen} />
          <span>{t('room.bar.leave')}</span>
        </button>
        {seated ? (
          <Microphone live={live} onHelp={onMicHelp} onHand={onHand} />
        ) : (
          <button
            type="button"
            data-primary=""
            className={styles.sit}
            aria-disabled={why !== undefined || sitting || undefined}
            aria-busy={sitting || undefined}
            aria-describedby={why ? 'why-not-sit' : undefined}
            aria-pressed={asks ? up : undefined}
            onClick={() => {
              if (why || sitting) return
              if (asks) onHand()
              else onSit()
            }}
          >
            <Icon of={asks ? Hand : Armchair} size={24} />
            <span>{t(asks ? (up ? 'room.bar.lower' : 'room.bar.raise') : 'room.bar.sit')}</span>
          </button>
        )}
        {seated && !room.audience ? (
          <span className={styles.side} />
        ) : seated ? (
          <button type="button" className={styles.side} onClick={() => void stand()}>
            <Icon of={ArrowDownFromLine} />
            <span>{t('room.bar.stand')}</span>
          </button>
        ) : (
          <span className={styles.side} id="why-not-sit">
            {why ?? (up ? t('room.bar.handUp') : undefined)}
          </span>
        )}
      </div>
    </div>
  )
}

function Microphone({ live, onHelp, onHand }: { live: LiveState; onHelp(): void; onHand(): void }) {
  const { t } = useTranslation()
  const mute = useMuting()
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
  if (you.muted_by_host) {
    const up = you.hand !== undefined
    return (
      <MicButton
        mic="closed"
        level={mine}
        icon={Hand}
        label={[
          t('room.bar.mutedByHost'),
          ...(up ? [t('room.bar.handUp')] : []),
          t(up ? 'room.bar.lower' : 'room.bar.raise'),
        ].join('. ')}
        word={t(up ? 'room.bar.lower' : 'room.bar.raise')}
        onPress={onHand}
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
      onPress={() => mute(open)}
    />
  )
}
