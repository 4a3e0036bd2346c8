import type { ReactNode } from 'react'
import styles from './EmptyState.module.css'

/** Nothing here, or something went wrong: what happened, in a sentence, and one thing to do. */
export function EmptyState({
  title,
  children,
  action,
  art,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
  /** A drawing beside the words; see Quiet. */
  art?: ReactNode
}) {
  return (
    <section className={styles.empty}>
      {art && <div className={styles.art}>{art}</div>}
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action && <div className={styles.action}>{action}</div>}
    </section>
  )
}
