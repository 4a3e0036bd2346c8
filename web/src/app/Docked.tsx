import { Mic, MicOff } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from '../i18n'
import { IconButton, type mood as moodOf } from '../ui'
import styles from './Docked.module.css'

/** A bar at the foot of the app, for what goes on while its person walks around. */
export function Docked({
  what,
  label,
  mood,
  children,
}: {
  /** Which bar it is, to the layout and to transitions between screens. */
  what: 'mini' | 'call-bar' | 'player' | 'offer'
  label: string
  mood?: ReturnType<typeof moodOf>
  children: ReactNode
}) {
  return (
    <section
      className={styles.bar}
      data-docked={what}
      data-mood={mood?.['data-mood']}
      style={{ ...mood?.style, viewTransitionName: what }}
      aria-label={label}
    >
      {children}
    </section>
  )
}

/** Mutes and unmutes an open microphone; nothing where there is none. */
export function Mute({ mic, onMuted }: { mic: string; onMuted(muted: boolean): void }) {
  const { t } = useTranslation()
  const open = mic === 'open'
  if (!open && mic !== 'muted') return null
  return (
    <IconButton
      look={open ? 'primary' : 'plain'}
      label={open ? t('mic.muteLong') : t('mic.unmuteLong')}
      icon={open ? Mic : MicOff}
      aria-keyshortcuts="m"
      onClick={() => onMuted(open)}
    />
  )
}
