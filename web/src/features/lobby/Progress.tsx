import type { CSSProperties } from 'react'
import { PREVIEW_MS } from '../../voice/preview'
import styles from './Progress.module.css'

const lasts = { '--lasts': `${PREVIEW_MS}ms` } as CSSProperties

/** How much of a preview has passed, at the foot of its card. Decorative. */
export function Progress({ status }: { status: 'opening' | 'playing' }) {
  return (
    <span className={styles.progress} data-status={status} style={lasts} aria-hidden>
      <span />
    </span>
  )
}
