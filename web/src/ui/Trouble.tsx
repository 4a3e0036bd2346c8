import type { ReactNode } from 'react'
import styles from './Field.module.css'

/** What went wrong with more than one field. Always there, so that what appears is read out. */
export function Trouble({ children }: { children: ReactNode }) {
  return (
    <p role="alert" className={styles.error}>
      {children}
    </p>
  )
}
