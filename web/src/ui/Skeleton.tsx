import type { CSSProperties } from 'react'
import styles from './Skeleton.module.css'

/** The shape of what is coming, still. The container around it says what is loading. */
export function Skeleton({
  width = '100%',
  height = '1em',
  round = false,
}: {
  width?: CSSProperties['inlineSize']
  height?: CSSProperties['blockSize']
  round?: boolean
}) {
  return (
    <span
      className={`${styles.skeleton} ${round ? styles.round : ''}`}
      style={{ inlineSize: width, blockSize: height }}
      aria-hidden
    />
  )
}
