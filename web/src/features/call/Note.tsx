import type { ReactNode } from 'react'
import styles from './Note.module.css'

/** A sentence in a box of its own, and what can be done about it. */
export function Note({ children }: { children: ReactNode }) {
  return <div className={styles.note}>{children}</div>
}
