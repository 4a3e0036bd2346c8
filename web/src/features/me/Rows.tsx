import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { Icon } from '../../ui'
import styles from './Me.module.css'

/** One thing about oneself: what it is, what it says now, and a press to change it. */
export function Row({
  label,
  value,
  note,
  onPress,
}: {
  label: string
  /** What it says now. */
  value?: ReactNode
  /** Below it, when something is under way. */
  note?: ReactNode
  onPress(): void
}) {
  return (
    <li>
      <button type="button" className={styles.open} onClick={onPress}>
        <span className={styles.said}>
          <span>{label}</span>
          {value && <small>{value}</small>}
          {note && <small className={styles.noted}>{note}</small>}
        </span>
        <Icon of={ChevronRight} size={20} />
      </button>
    </li>
  )
}
