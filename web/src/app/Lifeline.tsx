import { LogOut } from 'lucide-react'
import { isolate, useTranslation } from '../i18n'
import { IconButton, useStore } from '../ui'
import { type Live, live } from '../voice/live'
import { Docked, Mute } from './Docked'
import styles from './Docked.module.css'

const heard = ({ kind }: Live) => kind !== 'recording'

/**
 * Mute and leave, when everything else on the screen has failed. It needs as little as it can: what
 * broke the screen must not break this.
 */
export function Lifeline() {
  const { t } = useTranslation()
  const lines = useStore(live)
  return lines.filter(heard).map((line) => (
    <Docked
      key={line.kind}
      what={line.kind === 'call' ? 'call-bar' : 'mini'}
      label={t(line.kind === 'call' ? 'call.bar.label' : 'mini.label')}
    >
      <p className={styles.alone}>{isolate(line.name ?? '')}</p>
      <Mute mic={line.mic} onMuted={line.setMuted} />
      <IconButton
        label={t(line.kind === 'call' ? 'call.live.leave' : 'room.bar.leave')}
        icon={LogOut}
        onClick={line.leave}
      />
    </Docked>
  ))
}
